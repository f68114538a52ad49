import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EmbeddedPostgres, migrate } from '@castellan/database';
import { CataloguePool, openSchemaEngine } from './schema-engine.js';

const ownSchema = fileURLToPath(new URL('schema/', import.meta.url));
const filters = { externalTables: ['public._prisma_migrations'], externalEnums: [] };

/** SQL that takes a database from the migrations as they are to prisma/schema; undefined when there is nothing to do. */
export async function pendingSql(schemaFolder = ownSchema): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'castellan-migrate-'));
  const server = await EmbeddedPostgres.start({ folder });
  const pool = new CataloguePool(server.databaseUrl);
  try {
    await migrate(server.databaseUrl);
    const engine = await openSchemaEngine(pool);
    const files = await schemaFiles(schemaFolder);
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: schemaFolder },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters,
    });
    return stdout === null || /^\s*(-- This is an empty migration\.)?\s*$/.test(stdout) ? undefined : stdout;
  } finally {
    await pool.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function schemaFiles(schemaFolder: string): Promise<{ path: string; content: string }[]> {
  const names = (await readdir(schemaFolder)).filter((name) => name.endsWith('.prisma')).sort();
  return Promise.all(
    names.map(async (name) => ({
      path: join(schemaFolder, name),
      content: await readFile(join(schemaFolder, name), 'utf8'),
    })),
  );
}
