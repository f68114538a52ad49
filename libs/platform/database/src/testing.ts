import { randomUUID } from 'node:crypto';
import type { Database } from './database.js';
import { PrismaDatabase } from './prisma-database.js';
import { asAdmin, holdSharedServer } from './testing/shared-server.js';

/** A migrated database of a suite's own, on a real PostgreSQL. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly database: Database;
  /** Drops the database and lets go of the server. */
  close(): Promise<void>;
}

/**
 * A fresh database, cloned from a migrated template. Test processes on one machine share one server, which stops with
 * the last suite.
 *
 * @example
 * let test: TestDatabase;
 * beforeAll(async () => { test = await testDatabase(); });
 * afterAll(() => test.close());
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await holdSharedServer();
  const name = `suite_${process.pid}_${randomUUID().slice(0, 8)}`;
  const adminUrl = server.url('postgres');
  await asAdmin(adminUrl, (admin) =>
    admin.query(`CREATE DATABASE ${name} TEMPLATE ${server.template} STRATEGY file_copy`),
  );
  const url = server.url(name);
  const database = new PrismaDatabase({ url, poolSize: 8 });
  const close = async (): Promise<void> => {
    await database.close();
    await asAdmin(adminUrl, (admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
    await server.release();
  };
  return { url, database, close, [Symbol.asyncDispose]: close };
}
