import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

/**
 * Prisma's schema engine as WebAssembly over our own driver, so that migrations need no downloaded binary.
 * The package expects a bundler to instantiate its module; here it is done by hand. `pool` stays the caller's.
 */
export async function openSchemaEngine(pool: CataloguePool): Promise<SchemaEngine> {
  const require = createRequire(import.meta.url);
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = require
    .resolve('@prisma/schema-engine-wasm')
    .replace(/schema_engine\.js$/, 'schema_engine_bg.wasm');
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message(reason: string) {
        console.error(reason);
      },
    },
  });
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), {
    './schema_engine_bg.js': bindings,
  });
  bindings.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start === 'function') start();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  return bindings.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
}

/**
 * A pool whose answers about the catalogue the engine can read. Columns of PostgreSQL's internal type `"char"` are
 * refused by the adapter; the engine wants them as characters, and as text where some are empty.
 */
export class CataloguePool extends pg.Pool {
  constructor(databaseUrl: string) {
    super({ connectionString: databaseUrl });
    const query = this.query.bind(this) as (config: pg.QueryArrayConfig) => Promise<pg.QueryArrayResult>;
    Object.assign(this, {
      query: async (config: pg.QueryArrayConfig) => {
        const result = await query(config);
        result.fields?.forEach((field, column) => {
          if (field.dataTypeID !== internalChar) return;
          field.dataTypeID = result.rows.some((row) => row[column] === '') ? text : character;
        });
        return result;
      },
    });
  }
}

/** Object ids of types, fixed by PostgreSQL (pg_type.dat). */
const internalChar = 18;
const text = 25;
const character = 1042;
