import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
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
  const adapter = bindMigrationAwareSqlAdapterFactory(asCharacters(new PrismaPg(pool)));
  return bindings.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
}

/**
 * A pool whose answers about the catalogue can be read. The adapter refuses columns of PostgreSQL's internal type `"char"`,
 * which the engine wants as characters, or as text where some are empty. They pass the adapter disguised as UUIDs, which the
 * catalogue doesn't have, and get their type behind it (`asCharacters`).
 */
export class CataloguePool extends pg.Pool {
  constructor(databaseUrl: string) {
    super({ connectionString: databaseUrl });
    const query = this.query.bind(this) as (config: pg.QueryArrayConfig) => Promise<pg.QueryArrayResult>;
    Object.assign(this, {
      query: async (config: pg.QueryArrayConfig) => {
        const result = await query(config);
        for (const field of result.fields ?? [])
          if (field.dataTypeID === internalChar) field.dataTypeID = uuid;
        return result;
      },
    });
  }
}

/** Object ids of types, fixed by PostgreSQL (pg_type.dat). */
const internalChar = 18;
const uuid = 2950;

function asCharacters(factory: SqlMigrationAwareDriverAdapterFactory): SqlMigrationAwareDriverAdapterFactory {
  const wrap = (adapter: SqlDriverAdapter): SqlDriverAdapter => {
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const columnTypes = result.columnTypes.map((type, column) => {
        if (type !== ColumnTypeEnum.Uuid) return type;
        const empty = result.rows.some((row) => row[column] === '');
        return empty ? ColumnTypeEnum.Text : ColumnTypeEnum.Character;
      });
      return { ...result, columnTypes };
    };
    return adapter;
  };
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => wrap(await factory.connect()),
    connectToShadowDb: async () => wrap(await factory.connectToShadowDb()),
  };
}
