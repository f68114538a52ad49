import type { DatasetDeclaration } from '@castellan/contracts';
import pg from 'pg';
import { DuckdbEngine } from '../measurement/duckdb-engine.js';
import type { ExactFigures } from '../measurement/exact-figures.js';
import { MeasurementEngine } from '../measurement/measurement-engine.js';
import type { MeasurementPlan } from '../measurement/measurement-plan.js';
import { EngineBySource, PostgresEngine } from '../measurement/postgres-engine.js';
import { RenewData } from '../dataset/renew-data.js';
import { prepareQuestion } from '../asking/prepare-question.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { Door } from '../testing/door.js';
import { ReaderRole } from '../testing/reader-role.js';

/** Measures for real; can be told what happens when it begins. */
class WatchedEngine extends MeasurementEngine {
  begins: () => Promise<unknown> = () => Promise.resolve();
  readonly #engine = new PostgresEngine();

  async measure(plan: MeasurementPlan, login: Uint8Array, key: string): Promise<ExactFigures> {
    await this.begins();
    return this.#engine.measure(plan, login, key);
  }
}

describe('a dataset that stays in somebody’s PostgreSQL', () => {
  const engine = new WatchedEngine();
  let floor: PrivacyFloor;
  let reader: ReaderRole;
  let count = 0;
  let byTown = '';

  beforeAll(async () => {
    const sealed = new DuckdbEngine({ threads: 1, memoryLimitMb: 128 });
    floor = await PrivacyFloor.open(new EngineBySource(sealed, engine));
  });
  afterAll(() => floor[Symbol.asyncDispose]());
  beforeEach(async () => {
    engine.begins = () => Promise.resolve();
    byTown = `SELECT town, COUNT(*) FROM visits_${count + 1} GROUP BY town`;
    reader = await ReaderRole.on(floor.test.url, 'clinic', `visits_${++count}`);
    floor.listed.databases = [reader.address];
    await reader.admin.query(`CREATE SCHEMA IF NOT EXISTS clinic`);
    await reader.admin.query(
      `CREATE TABLE clinic.${reader.source.table} (person text, town text, cost numeric(8, 2), kind point)`,
    );
    await reader.admin.query(`GRANT USAGE ON SCHEMA clinic TO ${reader.user}`);
    await reader.admin.query(`GRANT SELECT ON clinic.${reader.source.table} TO ${reader.user}`);
    await insert(1_000);
  });
  afterEach(() => reader[Symbol.asyncDispose]());

  const insert = (units: number) =>
    reader.admin.query(
      `INSERT INTO clinic.${reader.source.table} SELECT 'p' || i, CASE WHEN i % 2 = 0 THEN 'east' ELSE 'west' END, 10 FROM generate_series(1, $1) AS i`,
      [units],
    );
  const declaration = (): DatasetDeclaration => ({
    columns: [
      { name: 'person', type: 'id' },
      { name: 'town', type: 'category', values: ['east', 'west'] },
      { name: 'cost', type: 'number', lower: 0, upper: 100, decimals: 2 },
    ],
    source: reader.source,
    privacyUnit: 'person',
    neighbours: 'add_remove_unit',
    maxGroupsPerUnit: 1,
    maxRowsPerGroup: 1,
    purpose: 'test',
  });
  const declared = (change: Partial<DatasetDeclaration> = {}) =>
    floor.declare(`visits_${count}`, '100', { ...declaration(), ...change });
  const sealed = async (change: Partial<DatasetDeclaration> = {}) =>
    floor.seal(await declared(change), reader.login);
  const renew = async (ref: string) =>
    new RenewData(floor.database, floor.datasets, floor.audit).execute(
      floor.actor,
      await floor.find(floor.actor, ref),
    );
  const refusedWith = (code: string, detail: RegExp) => ({
    code,
    publicDetail: expect.stringMatching(detail) as string,
  });

  it('is asked where it is; what was asked is free until its steward says that it is other data', async () => {
    const dataset = await sealed();
    const first = await floor.ask(dataset, byTown, '10');
    expect(Number(first.rows[0]?.[1])).toBeGreaterThan(400);
    // The table changes: nobody is told, and nobody pays again for the same answer.
    await insert(50_000);
    const again = await floor.ask(dataset, byTown, '10');
    expect(again).toMatchObject({ charged: '0', rows: first.rows, answeredAt: first.answeredAt });
    const renewed = await renew(dataset.name);
    const other = await floor.ask(renewed, byTown, '10');
    expect(other.charged).toBe('10');
    expect(Number(other.rows[0]?.[1])).toBeGreaterThan(20_000);
    expect(await floor.budget(dataset)).toMatchObject({ limit: '100', spent: '20' });
    expect(await floor.recorded(dataset)).toEqual([
      ...['dataset.declared', 'dataset.sealed', 'privacy.reserved', 'privacy.started', 'privacy.released'],
      ...['privacy.repeated', 'dataset.renewed', 'privacy.reserved', 'privacy.started', 'privacy.released'],
    ]);
  });

  it('keeps its login sealed, and takes another without asking anything anew', async () => {
    const dataset = await sealed();
    const paid = await floor.ask(dataset, byTown, '10');
    await reader.admin.query(`ALTER ROLE ${reader.user} PASSWORD 'another'`);
    const other = JSON.stringify({ user: reader.user, password: 'another' });
    const resealed = await floor.seal(dataset, other);
    expect(resealed.sha256).not.toBe(dataset.sha256);
    expect(await floor.ask(resealed, byTown, '10')).toMatchObject({ charged: '0', rows: paid.rows });
    await floor.ask(resealed, `SELECT COUNT(*) FROM visits_${count}`);
    const rows = JSON.stringify(await floor.database.client.dataset.findMany(), (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(rows).not.toContain(reader.password);
  });

  it('ends a question that its database is away for, refunded, and answers it when it is back', async () => {
    await using door = await Door.before(Number(reader.source.port));
    const source = { ...reader.source, host: '127.0.0.1', port: door.port };
    floor.listed.databases.push(`127.0.0.1:${door.port}`);
    const dataset = await sealed({ source });
    await door.shut();
    await expect(floor.ask(dataset, byTown, '10')).rejects.toMatchObject({
      ...{ code: 'source_unavailable', kind: 'unavailable' },
      publicDetail: expect.stringContaining('nothing was charged') as string,
    });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
    expect(await floor.recorded(dataset)).toContain('privacy.refunded');
    expect(await floor.recorded(dataset)).not.toContain('privacy.started');
    await door.open();
    expect(await floor.ask(dataset, byTown, '10')).toMatchObject({ charged: '10' });
  });

  it('charges nothing when the database does not answer, or the role may write since', async () => {
    const dataset = await sealed();
    await reader.admin.query(`GRANT INSERT ON clinic.${reader.source.table} TO ${reader.user}`);
    await expect(floor.ask(dataset, byTown)).rejects.toMatchObject({
      code: 'measurement_refused',
      meta: { failure: 'source_refused' },
    });
    await reader.admin.query(`REVOKE INSERT ON clinic.${reader.source.table} FROM ${reader.user}`);
    await reader.admin.query(`ALTER TABLE clinic.${reader.source.table} RENAME COLUMN town TO city`);
    await expect(floor.ask(dataset, byTown)).rejects.toMatchObject({ code: 'measurement_refused' });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
    expect(await floor.recorded(dataset)).not.toContain('privacy.started');
  });

  it('stays charged, and says so, when the database goes away in the middle of a question', async () => {
    const dataset = await sealed();
    const lock = new pg.Client({ connectionString: floor.test.url });
    await lock.connect();
    let killed: Promise<void> | undefined;
    engine.begins = async () => {
      await lock.query(`BEGIN; LOCK TABLE clinic.${reader.source.table}`);
      killed = killWhenItWaits();
    };
    await expect(floor.ask(dataset, byTown, '10')).rejects.toMatchObject({ code: 'measurement_failed' });
    await killed;
    await lock.end();
    expect(await floor.budget(dataset)).toMatchObject({ spent: '10', reserved: '0' });
    expect(await floor.recorded(dataset)).toContain('privacy.charged-without-answer');
  });

  async function killWhenItWaits(): Promise<void> {
    for (;;) {
      const { rowCount } = await reader.admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE usename = $1 AND wait_event_type = 'Lock'`,
        [reader.user],
      );
      if (rowCount !== 0) return;
    }
  }

  it('refunds a question that was asked of other data than there are now', async () => {
    const dataset = await sealed();
    floor.requests.lost = true;
    const asked = await prepareQuestion(dataset, byTown, { costPico: 10n ** 12n, costAtto: 0n });
    const { costPico, costAtto } = asked.plan.charge;
    const admitted = await floor.charges.execute(floor.actor, {
      ...{ dataset, known: asked.known, question: asked.text, questionDigest: asked.digest },
      ...{ costPico, costAtto },
    });
    floor.requests.lost = false;
    await renew(dataset.name);
    const entryId = admitted.outcome === 'reserved' ? admitted.entryId : '';
    await floor.requests.measure(entryId);
    expect(await floor.ledger.entry(entryId)).toMatchObject({
      state: 'refunded',
      failure: 'data_version_moved',
    });
  });

  it('refuses a login that could write', async () => {
    const dataset = await declared();
    const grants = [
      `GRANT UPDATE (town) ON clinic.${reader.source.table} TO ${reader.user}`,
      `GRANT CREATE ON SCHEMA clinic TO ${reader.user}`,
      `GRANT pg_write_all_data TO ${reader.user}`,
      `ALTER TABLE clinic.${reader.source.table} OWNER TO ${reader.user}`,
      `ALTER ROLE ${reader.user} CREATEROLE`,
      `ALTER ROLE ${reader.user} SUPERUSER`,
    ];
    for (const grant of grants) {
      await reader.admin.query(grant);
      await expect(floor.seal(dataset, reader.login)).rejects.toMatchObject(
        refusedWith('source_refused', /^The login .*nothing but SELECT/),
      );
      await reader.admin.query(`ALTER ROLE ${reader.user} NOSUPERUSER NOCREATEROLE`);
      await reader.admin.query(`REVOKE pg_write_all_data FROM ${reader.user}`);
      await reader.admin.query(`REVOKE UPDATE (town) ON clinic.${reader.source.table} FROM ${reader.user}`);
      await reader.admin.query(`REVOKE CREATE ON SCHEMA clinic FROM ${reader.user}`);
      await reader.admin.query(`ALTER TABLE clinic.${reader.source.table} OWNER TO CURRENT_USER`);
      await reader.admin.query(`GRANT SELECT ON clinic.${reader.source.table} TO ${reader.user}`);
    }
    await floor.seal(dataset, reader.login);
  });

  it('refuses what a row could make fail, or somebody else’s code would read', async () => {
    const { admin, source, user } = reader;
    await admin.query(`CREATE VIEW clinic.view_${count} AS SELECT * FROM clinic.${source.table}`);
    const view = { ...source, table: `view_${count}` };
    const seal = async (name: string, change: Partial<DatasetDeclaration>, login = reader.login) =>
      floor.seal(await floor.declare(`${name}-${count}`, '1', { ...declaration(), ...change }), login);
    await expect(seal('view', { source: view })).rejects.toMatchObject(
      refusedWith('source_refused', /^There is no table "clinic.view_/),
    );
    const columns = declaration().columns;
    await expect(
      seal('type', {
        source: { ...source, database: source.database },
        columns: [...columns, { name: 'kind', type: 'text' }],
      }),
    ).rejects.toMatchObject(refusedWith('source_refused', /"kind" is of type point/));
    await admin.query(`ALTER TABLE clinic.${source.table} ENABLE ROW LEVEL SECURITY`);
    await admin.query(`ALTER TABLE clinic.${source.table} RENAME TO renamed_${count}`);
    await admin.query(`CREATE POLICY dear ON clinic.renamed_${count} USING (cost > 5)`);
    await expect(seal('policy', { source: { ...source, table: `renamed_${count}` } })).rejects.toMatchObject(
      refusedWith('source_refused', /row-level security/),
    );
    await admin.query(
      `CREATE TABLE clinic.computed_${count} (person text, town text, cost numeric GENERATED ALWAYS AS (1 / length(town)) VIRTUAL)`,
    );
    await admin.query(`GRANT SELECT ON clinic.computed_${count} TO ${user}`);
    await expect(
      seal('computed', { source: { ...source, table: `computed_${count}` } }),
    ).rejects.toMatchObject(refusedWith('source_refused', /"cost" is computed/));
  });

  it('refuses logins that are none, and databases that may not be named', async () => {
    const dataset = await declared();
    for (const login of [
      'person,town,cost\n1,east,2\n',
      '{"user":"x"}',
      '{"user":"x","password":"y","host":"z"}',
    ])
      await expect(floor.seal(dataset, login)).rejects.toMatchObject({ code: 'source_refused' });
    const wrong = JSON.stringify({ user: reader.user, password: 'guess' });
    await expect(floor.seal(dataset, wrong)).rejects.toMatchObject(
      refusedWith('source_refused', /password authentication failed/),
    );
    const nobody = { ...reader.source, port: 1, table: 'x' };
    await expect(floor.declare('elsewhere', '1', { ...declaration(), source: nobody })).rejects.toMatchObject(
      {
        code: 'source_not_allowed',
        publicDetail: expect.stringContaining('DATASET_DATABASES') as string,
      },
    );
    floor.listed.databases.push(`${nobody.host}:1`);
    const away = await floor.declare('away', '1', { ...declaration(), source: nobody });
    await expect(floor.seal(away, reader.login)).rejects.toMatchObject({ code: 'source_unavailable' });
  });

  it('has one budget a table, and says of a table that changes only what can be held to', async () => {
    const { name } = await declared();
    const category = { type: 'category' as const, values: ['a'] };
    await expect(floor.declare('another', '1', declaration())).rejects.toMatchObject(
      refusedWith('source_taken', new RegExp(name)),
    );
    const sizes = {
      name: 'sizes',
      key: 'size',
      columns: [{ ...category, name: 'wide' }],
      rows: [['\ud800', 'a']],
    };
    for (const change of [
      { onePartPerUnit: 'town' },
      { format: 'csv' as const },
      { publicTables: [sizes] },
      { columns: [...declaration().columns, { ...category, name: 'x'.repeat(64) }] },
      { columns: [...declaration().columns, { ...category, name: 'nul', values: ['a\0'] }] },
    ])
      await expect(floor.declare('parted', '1', { ...declaration(), ...change })).rejects.toMatchObject({
        code: 'declaration_invalid',
      });
    const { source: _, ...here } = declaration();
    const file = await floor.sealedDataset('file', '1', 'person,town,cost\n1,east,2\n', here);
    await expect(renew(file.name)).rejects.toMatchObject({ code: 'source_unsuitable' });
  });

  it('gives its rows to trainings and synthetic tables too, from one snapshot', async () => {
    const dataset = await sealed();
    const made = await floor.synthesize(dataset, { columns: ['town', 'cost'], epsilon: '10' });
    await floor.settled();
    expect(made.kind).toBe('synthesis');
    expect(await floor.recorded(dataset)).toContain('privacy.released');
  });
});
