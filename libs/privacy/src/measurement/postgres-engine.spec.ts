import { testDatabase, type TestDatabase } from '@castellan/database';
import fc from 'fast-check';
import { parseDeclaration } from '../declaration/protected-table.js';
import { PostgresSession } from '../reference/postgres-session.js';
import { readReferenced } from '../reference/postgres-table.js';
import {
  figuresAsFile,
  hostileCase,
  hostileColumns,
  hostileDeclaration,
  planOf,
  type HostileRow,
} from '../testing/generated-plans.js';
import { ReaderRole } from '../testing/reader-role.js';
import { postgresDialect } from './postgres-dialect.js';
import { PostgresEngine } from './postgres-engine.js';

const TABLE = 'Wages"; DROP SCHEMA "clinic" CASCADE; --';
const types = ['text', 'varchar', 'date', 'text', 'numeric', 'double precision', 'bigint'];
const column = (name: string) => `"${name.replaceAll('"', '""')}"`;

describe('measuring a table where it is', () => {
  let test: TestDatabase;
  let reader: ReaderRole;
  const engine = new PostgresEngine();

  beforeAll(async () => {
    test = await testDatabase();
    reader = await ReaderRole.on(test.url, 'clinic', TABLE);
    const columns = hostileColumns.map((name, i) => `${column(name)} ${types[i]}`).join(', ');
    await reader.admin.query(`CREATE SCHEMA clinic; CREATE TABLE clinic.${column(TABLE)} (${columns})`);
    // What a role or a database sets must change no answer, and no operator of somebody's may stand in.
    await reader.admin.query(`
      GRANT USAGE ON SCHEMA clinic TO ${reader.user};
      GRANT SELECT ON clinic.${column(TABLE)} TO ${reader.user};
      ALTER ROLE ${reader.user} SET datestyle = 'German';
      ALTER ROLE ${reader.user} SET extra_float_digits = -10;
      ALTER ROLE ${reader.user} SET search_path = clinic, pg_catalog;
      CREATE FUNCTION clinic.never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
      CREATE OPERATOR clinic.= (FUNCTION = clinic.never, LEFTARG = text, RIGHTARG = text)`);
  });
  afterAll(async () => {
    await reader[Symbol.asyncDispose]();
    await test.close();
  });

  async function fill(rows: readonly HostileRow[]): Promise<void> {
    const cells = hostileColumns.map((_, i) => `(r->>${i})::${types[i]}`).join(', ');
    await reader.admin.query(`TRUNCATE clinic.${column(TABLE)}`);
    await reader.admin.query(
      `INSERT INTO clinic.${column(TABLE)} SELECT ${cells} FROM json_array_elements($1::json) AS r`,
      [JSON.stringify(rows)],
    );
  }

  it('gives the figures, before noise, that the same table gives as a file', async () => {
    let nonzero = 0;
    await fc.assert(
      fc.asyncProperty(hostileCase, async (asked) => {
        const plan = await planOf(asked, reader.source);
        await fill(asked.rows);
        const [there, here] = await Promise.all([
          engine.measure(plan, Buffer.from(reader.login), 'key'),
          figuresAsFile(plan, asked.rows, postgresDialect),
        ]);
        expect(there.distancesTo(here).filter((distance) => distance !== 0n)).toEqual([]);
        expect(there.scoreDistancesTo(here, plan).flat()).toEqual([]);
        const none = await figuresAsFile(plan, [], postgresDialect);
        nonzero += here.distancesTo(none).some((distance) => distance > 0n) ? 1 : 0;
      }),
      { numRuns: 40, seed: 7 },
    );
    expect(nonzero).toBeGreaterThan(10);
  });

  it('reads records as texts of one form, whatever the role has set', async () => {
    const bounds = { maxGroupsPerUnit: 1, maxRowsPerGroup: 1 };
    await fill([['ß', 'ü', '2024-02-29', '', '2.50', '0.1', '7']]);
    const table = parseDeclaration('t', hostileDeclaration(bounds, reader.source));
    expect(await Array.fromAsync(readReferenced(Buffer.from(reader.login), table))).toEqual([
      ['ß', 'ü', '2024-02-29', '', '2.50', '0.1', '7'],
    ]);
  });

  it('can’t write, and is stopped by the server when it takes too long', async () => {
    const login = { user: reader.user, password: reader.password };
    const source = { ...reader.source, statementTimeoutSeconds: 1 };
    await using session = await PostgresSession.open(source, login);
    await expect(session.rows('SELECT pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });
    await using another = await PostgresSession.open(source, login);
    await expect(another.rows('CREATE TEMP TABLE kept (x int)')).rejects.toMatchObject({ code: '25006' });
  });
});
