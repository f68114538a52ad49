import type { DatasetDeclaration } from '@castellan/contracts';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { parseDeclaration } from '../declaration/protected-table.js';
import { DuckdbEngine } from '../measurement/duckdb-engine.js';
import { planMeasurement } from '../measurement/measurement-plan.js';
import { namedParts } from '../question/named-parts.js';
import { parseQuestion } from '../question/parse-question.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { chargeOf } from './pico-epsilon.js';

const declaration: DatasetDeclaration = {
  columns: [
    { name: 'person', type: 'id' },
    { name: 'region', type: 'category', values: ['south', 'west', 'north'] },
    { name: 'job', type: 'category', values: ['1', '2'] },
    { name: 'wage', type: 'number', lower: 0, upper: 100, decimals: 0 },
  ],
  privacyUnit: 'person',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 2,
  maxRowsPerGroup: 4,
  onePartPerUnit: 'region',
  purpose: 'Wages by region.',
};
const table = parseDeclaration('wages', declaration);
const HEAD = 'person,region,job,wage\n';
const ROWS = 'ada,south,1,10\nada,south,2,20\nbob,west,1,30\ncid,south,2,40\ndan,,1,50\n';

describe('the parts that a question names', () => {
  const partsOf = async (where: string) =>
    namedParts(await parseQuestion(`SELECT COUNT(*) FROM wages ${where}`, table), table);

  it.each([
    [`WHERE region = 'west'`, [1]],
    [`WHERE 'west' = region`, [1]],
    [`WHERE region IN ('north', 'south')`, [0, 2]],
    [`WHERE wage > 5 AND (region = 'west' AND job = '1')`, [1]],
    [`WHERE region = 'west' AND NOT wage > 5`, [1]],
  ])('%s', async (where, parts) => {
    expect(await partsOf(where)).toEqual(parts);
  });

  it.each([
    '',
    `WHERE job = '1'`,
    `WHERE region <> 'west'`,
    `WHERE NOT region = 'west'`,
    `WHERE NOT region <> 'west'`,
    `WHERE region = 'west' OR wage > 5`,
    `WHERE region = 'west' OR region = 'south'`,
    `WHERE region NOT IN ('west')`,
    `WHERE region IS NULL`,
    `WHERE region = 'elsewhere'`,
    `WHERE region IN ('west', 'elsewhere')`,
    `GROUP BY region`,
  ])('are all of them for %j', async (where) => {
    expect(await partsOf(where)).toEqual([]);
  });

  it('are all of them where the declaration divides nothing', async () => {
    const { onePartPerUnit: _, ...undivided } = declaration;
    const plain = parseDeclaration('wages', undivided);
    const question = await parseQuestion(`SELECT COUNT(*) FROM wages WHERE region = 'west'`, plain);
    expect(namedParts(question, plain)).toEqual([]);
  });

  it.each(['nobody', 'person', 'wage'])('can not be divided by %j', (onePartPerUnit) => {
    expect(() => parseDeclaration('wages', { ...declaration, onePartPerUnit })).toThrow(
      expect.objectContaining({ code: 'declaration_invalid' }),
    );
  });

  it.each(['\ud800', 'so\0uth'])(
    'can not be told by a value that an engine may read as another: %j',
    (value) => {
      const columns = declaration.columns.map((column) =>
        column.name === 'region' ? { ...column, values: ['south', value] } : column,
      ) as DatasetDeclaration['columns'];
      expect(() => parseDeclaration('wages', { ...declaration, columns })).toThrow(
        expect.objectContaining({ code: 'declaration_invalid' }),
      );
    },
  );
});

describe('a question about one part', () => {
  it('measures the same, to the last integer, whoever comes or goes in another', async () => {
    const engine = new DuckdbEngine({ threads: 1, memoryLimitMb: 256 });
    const sql = `SELECT job, COUNT(*), SUM(wage), MEDIAN(wage) FROM wages WHERE region = 'south' GROUP BY job`;
    const plan = planMeasurement(await parseQuestion(sql, table), table, {
      costPico: 10n ** 12n,
      costAtto: 0n,
    });
    const measure = (rows: string) => engine.measure(plan, Buffer.from(HEAD + rows), 'key');
    const [all, without] = [await measure(ROWS), await measure(ROWS.replace('bob,west,1,30\n', ''))];
    expect(all.distancesTo(without)).toEqual([0n, 0n]);
    expect(all.scoreDistancesTo(without, plan).flat()).toEqual([]);
    const other = await measure(ROWS.replace('cid,south,2,40\n', ''));
    expect(all.distancesTo(other)).toEqual([1n, 40n]);
  });
});

describe('the ledger of a table whose units are in one part each', () => {
  let floor: PrivacyFloor;
  beforeAll(async () => void (floor = await PrivacyFloor.open()));
  afterAll(() => floor[Symbol.asyncDispose]());

  let names = 0;
  const sealed = (limit: string, rows = ROWS, changed: Partial<DatasetDeclaration> = {}) =>
    floor.sealedDataset(`wages-${(names += 1)}`, limit, HEAD + rows, { ...declaration, ...changed });
  let asked = 0;
  function charge(dataset: DatasetRow, epsilon: string, ...parts: number[]) {
    const question = `question ${(asked += 1)}`;
    const cost = { costPico: chargeOf(epsilon), costAtto: 0n };
    const about = { dataset, known: readDocument(dataset), question, questionDigest: question, parts };
    return floor.charges.execute(floor.actor, { ...about, ...cost });
  }

  it('charges the dearest part and not the sum, and the whole beside it', async () => {
    const dataset = await sealed('2');
    await charge(dataset, '1', 0);
    await charge(dataset, '0.7', 1);
    await charge(dataset, '0.9', 1, 2);
    expect(await floor.budget(dataset)).toMatchObject({ remaining: '0.4' });
    await charge(dataset, '0.4');
    await expect(charge(dataset, '0.1', 1)).rejects.toMatchObject({
      publicDetail: expect.stringMatching(/has 0 left/),
    });
    await expect(charge(dataset, '0.8', 2)).rejects.toMatchObject({
      publicDetail: expect.stringMatching(/has 0.7 left/),
    });
    await charge(dataset, '0.7', 2);
    await expect(charge(dataset, '0.01')).rejects.toMatchObject({ code: 'budget_exhausted' });
    expect((await floor.budget(dataset)).parts).toEqual({
      column: 'region',
      used: [
        { value: 'south', used: '1', remaining: '0.6' },
        { value: 'west', used: '1.6', remaining: '0' },
        { value: 'north', used: '1.6', remaining: '0' },
      ],
    });
  });

  it('is not overspent by many who ask about many parts at once', async () => {
    const dataset = await sealed('1');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) => charge(dataset, '0.25', ...[[], [0], [1], [2]][i % 4]!)),
    );
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    const { limitPico, reservedPico, partsPico } = await floor.ledger.figures(dataset.id);
    expect(reservedPico + partsPico).toBe(limitPico);
    for (const parts of [[], [0], [1], [2]])
      await expect(charge(dataset, '1', ...parts)).rejects.toMatchObject({ code: 'budget_exhausted' });
  });

  it('gives back to its part what never began', async () => {
    const dataset = await sealed('1');
    await charge(dataset, '0.4', 0);
    const { outcome, ...rest } = await charge(dataset, '0.9', 1);
    const entry = 'entryId' in rest ? await floor.ledger.entry(rest.entryId) : null;
    if (outcome !== 'reserved' || entry === null) throw new Error('not reserved');
    await floor.database.transaction((tx) => floor.ledger.refund(tx, entry, 'never_started'));
    expect(await floor.budget(dataset)).toMatchObject({ remaining: '0.6' });
    await charge(dataset, '0.6');
  });

  it('asks and answers about a part, says so beforehand, and charges it there', async () => {
    const dataset = await sealed('1');
    const sql = (region: string) => `SELECT COUNT(*) FROM wages WHERE region = '${region}'`;
    const name = dataset.name;
    const ask = (region: string) => floor.ask(dataset, sql(region).replace('wages', `"${name}"`), '0.8');
    expect((await ask('south')).charged).toBe('0.8');
    const price = await floor.price(dataset, sql('west').replace('wages', `"${name}"`), '0.8');
    expect(price).toMatchObject({ parts: ['west'], remaining: '1', epsilon: '0.8' });
    expect((await ask('west')).charged).toBe('0.8');
    expect((await floor.budget(dataset)).entries).toMatchObject([{ parts: ['west'] }, { parts: ['south'] }]);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0.8', remaining: '0.2' });
  });

  it.each<[string, string, Partial<DatasetDeclaration>]>([
    ['two regions', 'ada,south,1,10\nada,west,1,20\n', {}],
    ['a region and another that is not listed', 'ada,south,1,10\nada,elsewhere,1,20\n', {}],
    ['two spellings of one', 'ada,south,1,10\nada,South,1,20\n', {}],
    ['a blank behind one', 'ada,south,1,10\nada,"south ",1,20\n', {}],
    ['two regions far apart', `ada,south,1,10\n${'bob,west,1,1\n'.repeat(9_000)}ada,west,1,20\n`, {}],
  ])('does not take a table in which somebody has %s, and names nobody', async (_, rows, changed) => {
    const refused = sealed('1', rows, changed);
    await expect(refused).rejects.toMatchObject({ code: 'table_malformed' });
    await expect(refused).rejects.not.toMatchObject({
      publicDetail: expect.stringMatching(/ada|south|west/),
    });
  });

  it('does not take JSON lines with somebody in two parts either, not by a trick of Unicode', async () => {
    const line = (person: string, region: string) =>
      `{"person":"${person}","region":"${region}","job":"1","wage":1}\n`;
    for (const second of ['west', '\\ud800', 'south\\u0000'])
      await expect(
        floor.sealedDataset(`wages-${(names += 1)}`, '1', line('ada', 'south') + line('ada', second), {
          ...declaration,
          format: 'jsonl',
        }),
      ).rejects.toMatchObject({ code: 'table_malformed' });
  });

  it('does not believe a row that says another question was about a part', async () => {
    const dataset = await sealed('1');
    await charge(dataset, '0.5');
    await charge(dataset, '0.3', 1);
    const { client } = floor.database;
    const [dearest] = await client.privacyLedgerEntry.findMany({
      orderBy: { costPico: 'desc' },
      where: { datasetId: dataset.id },
    });
    await client.privacyLedgerEntry.update({ where: { id: dearest?.id ?? '' }, data: { parts: [2] } });
    await expect(charge(dataset, '0.1')).rejects.toMatchObject({ code: 'ledger_inconsistent' });
  });

  it('measures nothing for an entry that was moved to a part before it began, sums and all', async () => {
    const dataset = await sealed('1');
    floor.requests.lost = true;
    const answer = floor.ask(dataset, `SELECT COUNT(*) FROM "${dataset.name}"`, '0.5');
    const outcome = expect(answer).rejects.toMatchObject({ code: 'measurement_refused' });
    const { client } = floor.database;
    let entry = null;
    while (entry === null)
      entry = await client.privacyLedgerEntry.findFirst({ where: { datasetId: dataset.id } });
    await client.privacyLedgerEntry.update({ where: { id: entry.id }, data: { parts: [2] } });
    const partsPico = entry.costPico;
    await client.privacyBudget.update({
      where: { datasetId: dataset.id },
      data: { reservedPico: 0n, partsPico },
    });
    const opened = floor.keys.opened;
    await floor.requests.measure(entry.id);
    floor.requests.lost = false;
    await outcome;
    expect(floor.keys.opened).toBe(opened);
  });
});
