import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actorOf } from '@castellan/access';
import { CastellanError } from '@castellan/errors';
import { ExactFigures } from '../measurement/exact-figures.js';
import { MeasurementEngine } from '../measurement/measurement-engine.js';
import { privacyRules } from '../privacy-rules.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { wagePanelCsv, wagePanelDeclaration } from '../testing/wage-panel.js';

const BY_REGION = 'SELECT region, COUNT(*) AS n, SUM(amount) AS total FROM wages GROUP BY region';

describe('asking a protected dataset', () => {
  let floor: PrivacyFloor;
  beforeEach(async () => {
    floor = await PrivacyFloor.open();
  });
  afterEach(() => floor[Symbol.asyncDispose]());

  it('gives noisy figures near the truth, with their noise, and charges them once', async () => {
    const dataset = await floor.sealedDataset('wages', '4', await wagePanelCsv());
    const answer = await floor.ask(dataset, BY_REGION, '2');
    expect(answer).toMatchObject({ epsilon: '2', charged: '2' });
    expect(answer.columns[1]).toEqual({
      name: 'n',
      kind: 'measure',
      mechanism: 'discrete_laplace',
      noiseScale: 16,
      sensitivity: 16,
      interval95: 48,
      epsilon: '1',
    });
    expect(answer.columns[2]).toMatchObject({ name: 'total', noiseScale: 800_000, sensitivity: 800_000 });
    const counts = new Map(answer.rows.map(([region, n]) => [region, Number(n)]));
    expect([...counts.keys()]).toEqual(['northeast', 'north_central', 'south', 'west']);
    // Thirty scales off happens once in 10^13 runs.
    expect(Math.abs((counts.get('south') ?? 0) - 1529)).toBeLessThan(30 * 16);
    expect(Math.abs(Number(answer.rows[2]?.[2]) - 18_870_700)).toBeLessThan(30 * 800_000);
    expect(await floor.budget(dataset)).toMatchObject({
      limit: '4',
      spent: '2',
      reserved: '0',
      remaining: '2',
    });
    expect(await floor.recorded(dataset)).toEqual([
      'dataset.declared',
      'dataset.sealed',
      'privacy.reserved',
      'privacy.started',
      'privacy.released',
    ]);
    expect(floor.keys).toMatchObject({ opened: 1, disposed: 1 });
  });

  it('gives averages, deviations and quantiles with intervals that hold what a person works out', async () => {
    const csv = await wagePanelCsv();
    const declaration = { ...wagePanelDeclaration, maxGroupsPerUnit: 4 };
    const dataset = await floor.sealedDataset('wages', '100', csv, declaration);
    const answer = await floor.ask(
      dataset,
      'SELECT region, AVG(amount), STDDEV(amount), MEDIAN(amount) FROM wages GROUP BY region',
      '100',
    );
    const amounts = csv
      .toString()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
      .filter((row) => row[2] === 'south')
      .map((row) => Math.min(50_000, Number(row[4])))
      .toSorted((a, b) => a - b);
    const mean = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
    const squares = amounts.reduce((sum, amount) => sum + (amount - mean) ** 2, 0);
    const [, average, deviation, median] = answer.rows[2] ?? [];
    const [none, aroundAverage, aroundDeviation, aroundMedian] = answer.intervals95?.[2] ?? [];
    expect([none, aroundMedian]).toEqual([null, null]);
    // Ten times the interval: never by chance.
    const near = (figure: unknown, interval: readonly [number, number] | null | undefined, exact: number) => {
      const width = (interval?.[1] ?? 0) - (interval?.[0] ?? 0);
      expect(width).toBeGreaterThan(0);
      expect(width).toBeLessThan(exact / 4);
      expect(Math.abs(Number(figure) - exact)).toBeLessThan(10 * width);
    };
    near(average, aroundAverage, mean);
    near(deviation, aroundDeviation, Math.sqrt(squares / (amounts.length - 1)));
    const { rank } = answer.columns[3] ?? {};
    const off = (rank?.interval95 ?? 0) * 10;
    const middle = amounts.length / 2;
    expect(off).toBeLessThan(middle);
    expect(Number(median)).toBeGreaterThan((amounts[Math.floor(middle - off)] ?? 0) - 50);
    expect(Number(median)).toBeLessThan((amounts[Math.ceil(middle + off)] ?? 0) + 50);
  });

  it('tells the noise of every part of an average, and of a quantile in rows, before anything is paid', async () => {
    const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
    const price = await floor.price(dataset, 'SELECT AVG(amount), MEDIAN(amount) FROM wages', '0.6');
    const [average, median] = price.columns;
    expect(average).toMatchObject({
      name: 'avg',
      parts: [
        {
          name: 'COUNT("amount")',
          mechanism: 'discrete_laplace',
          sensitivity: 8,
          noiseScale: 40,
          epsilon: '0.2',
        },
        { name: 'SUM("amount" - middle)', sensitivity: 200_000, noiseScale: 1_000_000, epsilon: '0.2' },
      ],
    });
    expect(median).toMatchObject({
      name: 'median',
      mechanism: 'permute_and_flip',
      epsilon: '0.2',
      rank: { sensitivity: 4, noiseScale: 40 },
    });
    expect(median?.rank?.interval95).toBeCloseTo(40 * Math.log(1025 / 0.05), 0);
    expect(floor.keys.opened).toBe(0);
  });

  it('answers the same question again for nothing, however it is spelt', async () => {
    const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
    const first = await floor.ask(dataset, BY_REGION);
    const again = await floor.ask(
      dataset,
      'select REGION, count( * ) as heads, sum(w.amount) from wages w /* again */ group by w.region',
    );
    expect(again.rows).toEqual(first.rows);
    expect(again).toMatchObject({ charged: '0', entryId: first.entryId, answeredAt: first.answeredAt });
    expect(again.columns.map((column) => column.name)).toEqual(['region', 'heads', 'sum']);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0.5' });
    expect(await floor.price(dataset, BY_REGION)).toMatchObject({ free: true, epsilon: '0' });
    expect(await floor.recorded(dataset)).toContain('privacy.repeated');
  });

  it('draws new noise for another epsilon, and charges it', async () => {
    const dataset = await floor.sealedDataset('wages', '2', await wagePanelCsv());
    const first = await floor.ask(dataset, BY_REGION, '0.5');
    const other = await floor.ask(dataset, BY_REGION, '0.6');
    expect(other.rows).not.toEqual(first.rows);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '1.1' });
  });

  it('tells price and error before anything is paid', async () => {
    const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
    expect(await floor.price(dataset, 'SELECT COUNT(DISTINCT person_id) FROM wages', '1/3')).toEqual({
      epsilon: '0.333333333334',
      remaining: '1',
      free: false,
      columns: [
        expect.objectContaining({
          name: 'count',
          sensitivity: 1,
          noiseScale: expect.closeTo(3, 9),
          interval95: 9,
        }),
      ],
    });
    expect(floor.keys.opened).toBe(0);
  });

  it('refuses what the budget does not hold, at no cost, and takes the rest to the last unit', async () => {
    const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
    await floor.ask(dataset, BY_REGION, '2/3');
    await expect(floor.ask(dataset, BY_REGION, '1/3')).rejects.toMatchObject({
      code: 'budget_exhausted',
      kind: 'exhausted',
      meta: { cost: '0.333333333334', remaining: '0.333333333333' },
    });
    await floor.ask(dataset, BY_REGION, '0.333333333333');
    expect(await floor.budget(dataset)).toMatchObject({ spent: '1', remaining: '0' });
    expect(await floor.recorded(dataset)).toContain('privacy.refused');
  });

  it.each(['0', '-1', '1e-400', '1e400', 'NaN', '0.0000000001', '101', ''])(
    'refuses epsilon %j',
    async (epsilon) => {
      const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
      await expect(floor.ask(dataset, BY_REGION, epsilon)).rejects.toMatchObject({
        code: expect.stringMatching(/^epsilon_/),
        kind: 'invalid',
      });
      expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
    },
  );

  it('answers about a table without rows with noise alone', async () => {
    const dataset = await floor.sealedDataset('wages', '10', 'person_id,year,region,occupation,amount\n');
    const answer = await floor.ask(dataset, BY_REGION, '10');
    expect(answer.rows).toHaveLength(4);
    for (const [, n] of answer.rows) expect(Math.abs(Number(n))).toBeLessThan(200);
  });

  it('refuses a question to a dataset without a table', async () => {
    const dataset = await floor.declare('wages', '1');
    await expect(floor.ask(dataset, BY_REGION)).rejects.toMatchObject({ code: 'dataset_not_sealed' });
  });

  it('leaves no plaintext of the table in the store or the database', async () => {
    const csv = await wagePanelCsv();
    const dataset = await floor.sealedDataset('wages', '1', csv);
    await floor.ask(dataset, BY_REGION);
    const marker = csv.subarray(2000, 2060);
    const files = await readdir(floor.folder, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
    );
    expect(contents.length).toBeGreaterThan(0);
    expect(contents.filter((content) => content.includes(marker))).toEqual([]);
    const rows = await floor.database.client.privacyRelease.findMany();
    expect(JSON.stringify(rows)).not.toContain(marker.toString());
  });
});

describe('many questions at once', () => {
  it('are charged once when they are the same', async () => {
    await using floor = await PrivacyFloor.open();
    const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
    const answers = await Promise.all(Array.from({ length: 20 }, () => floor.ask(dataset, BY_REGION)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.rows))).size).toBe(1);
    expect(answers.map((answer) => answer.charged).toSorted()).toEqual([
      ...Array.from({ length: 19 }, () => '0'),
      '0.5',
    ]);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0.5' });
  });
});

describe('when something fails', () => {
  /** An engine that does what it is told, after it has seen the data. */
  class ScriptedEngine extends MeasurementEngine {
    script: () => Promise<ExactFigures> = () => Promise.reject(new Error('south has 1529 rows'));
    started = 0;

    override measure(): Promise<ExactFigures> {
      this.started += 1;
      return this.script();
    }
  }

  let floor: PrivacyFloor;
  let engine: ScriptedEngine;
  beforeEach(async () => {
    engine = new ScriptedEngine();
    floor = await PrivacyFloor.open(engine);
  });
  afterEach(() => floor[Symbol.asyncDispose]());
  const sealed = async () => floor.sealedDataset('wages', '1', await wagePanelCsv());

  it('refunds when the table could not be opened, and the same question can be asked again', async () => {
    const dataset = await sealed();
    floor.keys.fault = new CastellanError({ code: 'release_refused', kind: 'forbidden', publicDetail: 'no' });
    await expect(floor.ask(dataset, BY_REGION)).rejects.toMatchObject({ code: 'measurement_refused' });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
    expect((await floor.budget(dataset)).entries).toMatchObject([{ state: 'refunded' }]);
    expect(engine.started).toBe(0);
    floor.keys.fault = undefined;
    engine.script = () => Promise.resolve(new ExactFigures([[1n, 1n]]));
    await floor.ask(dataset, BY_REGION);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0.5' });
  });

  it('charges when the engine failed, says so, and lets none of its words out', async () => {
    const dataset = await sealed();
    const outcome = floor.ask(dataset, BY_REGION);
    await expect(outcome).rejects.toMatchObject({
      code: 'measurement_failed',
      publicDetail: expect.stringMatching(/was charged/),
    });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0.5', reserved: '0' });
    const events = await floor.database.client.auditOutbox.findMany();
    expect(JSON.stringify(events.map((row) => row.event))).not.toContain('1529');
    expect(await floor.recorded(dataset)).toContain('privacy.charged-without-answer');
    expect(floor.keys.disposed).toBe(1);
  });

  it('keeps the charge of an engine that died on the data', async () => {
    const dataset = await sealed();
    engine.script = () => new Promise(() => undefined);
    floor.requests.measure = ((measure) => (entryId) => {
      void measure(entryId);
      return Promise.resolve();
    })(floor.requests.measure);
    const outcome = expect(floor.ask(dataset, BY_REGION)).rejects.toMatchObject({
      code: 'measurement_failed',
    });
    while (engine.started === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await floor.settle(60_000);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0.5' });
    await floor.settle(0);
    await outcome;
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0.5', reserved: '0' });
    await floor.settle(0);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0.5', reserved: '0' });
  });

  it('refunds a question whose request was lost for good, and asks again before that', async () => {
    const dataset = await sealed();
    floor.requests.lost = true;
    const outcome = expect(floor.ask(dataset, BY_REGION)).rejects.toMatchObject({
      code: 'measurement_refused',
    });
    while ((await floor.budget(dataset)).reserved === '0')
      await new Promise((resolve) => setTimeout(resolve, 10));
    await floor.settle(0);
    await outcome;
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
    engine.script = () => Promise.resolve(new ExactFigures([[1n, 1n]]));
    const answer = floor.ask(dataset, BY_REGION);
    while ((await floor.budget(dataset)).reserved === '0')
      await new Promise((resolve) => setTimeout(resolve, 10));
    floor.requests.lost = false;
    await floor.settle(60_000);
    await answer;
    expect(engine.started).toBe(1);
  });

  it('measures once, however often it is asked to', async () => {
    const dataset = await sealed();
    engine.script = () => Promise.resolve(new ExactFigures([[1n, 1n]]));
    floor.requests.measure = ((measure) => async (entryId) => {
      await Promise.all([measure(entryId), measure(entryId), measure(entryId)]);
      await measure(entryId);
    })(floor.requests.measure);
    await floor.ask(dataset, BY_REGION);
    expect(engine.started).toBe(1);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0.5', reserved: '0' });
  });

  it('has no way back once the engine has started', async () => {
    const dataset = await sealed();
    await expect(floor.ask(dataset, BY_REGION)).rejects.toMatchObject({ code: 'measurement_failed' });
    const [entry] = await floor.ledger.entries(dataset.id, 1);
    if (!entry) throw new Error('no entry');
    expect(await floor.database.transaction((tx) => floor.ledger.refund(tx, entry, 'please'))).toBe(false);
    await expect(
      floor.database.client.privacyLedgerEntry.update({
        where: { id: entry.id },
        data: { state: 'refunded' },
      }),
    ).rejects.toThrow(/no_late_refund/);
  });
});

describe('somebody who can write to the database', () => {
  let floor: PrivacyFloor;
  beforeEach(async () => {
    floor = await PrivacyFloor.open();
  });
  afterEach(() => floor[Symbol.asyncDispose]());

  it('gets no answer by raising the limit or lowering what was spent', async () => {
    const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
    await floor.ask(dataset, BY_REGION);
    for (const data of [{ limitPico: 10n ** 15n }, { spentPico: 0n }]) {
      const before = await floor.database.client.privacyBudget.findUniqueOrThrow({
        where: { datasetId: dataset.id },
      });
      await floor.database.client.privacyBudget.update({ where: { datasetId: dataset.id }, data });
      await expect(floor.ask(dataset, BY_REGION, '0.7')).rejects.toMatchObject({
        code: 'ledger_inconsistent',
      });
      await floor.database.client.privacyBudget.update({ where: { datasetId: dataset.id }, data: before });
    }
  });

  it('gets no answer by declaring another privacy unit, bound or limit for a sealed table', async () => {
    const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
    const looser = await floor.declare('looser', '100', { ...wagePanelDeclaration, maxGroupsPerUnit: 1 });
    const forged = looser.declaration.replace('"looser"', '"wages"');
    const row = await floor.database.client.dataset.update({
      where: { id: dataset.id },
      data: { declaration: forged, declarationDigest: looser.declarationDigest },
      include: { project: true, classification: true },
    });
    await floor.database.client.privacyBudget.update({
      where: { datasetId: dataset.id },
      data: { limitPico: 10n ** 14n },
    });
    await expect(floor.ask(row, BY_REGION, '50')).rejects.toMatchObject({ code: 'measurement_refused' });
    expect(floor.keys.opened).toBe(0);
  });

  it('can not make the server overspend', async () => {
    const dataset = await floor.declare('wages', '1');
    await expect(
      floor.database.client.privacyBudget.update({
        where: { datasetId: dataset.id },
        data: { spentPico: 2n * 10n ** 12n },
      }),
    ).rejects.toThrow(/not_overspent/);
  });
});

describe('declaring and sealing', () => {
  let floor: PrivacyFloor;
  beforeEach(async () => {
    floor = await PrivacyFloor.open();
  });
  afterEach(() => floor[Symbol.asyncDispose]());

  it('happens once for a name, and once for a table', async () => {
    const dataset = await floor.declare('wages', '1');
    await expect(floor.declare('wages', '2')).rejects.toMatchObject({
      code: 'dataset_name_taken',
      kind: 'conflict',
    });
    const sealed = await floor.seal(dataset, await wagePanelCsv());
    expect(sealed).toMatchObject({
      state: 'sealed',
      sha256: '64a640a8d3478b9cf35265f2be86d51f5dcafc2e74cf08470b297d9da47e8837',
      sizeBytes: 127_436n,
    });
    await expect(floor.seal(sealed, await wagePanelCsv())).rejects.toMatchObject({
      code: 'dataset_already_sealed',
    });
    // Two at once, both of whom saw it declared.
    await expect(floor.seal(dataset, await wagePanelCsv())).rejects.toMatchObject({
      code: 'dataset_already_sealed',
    });
    expect((await readdir(join(floor.folder, 'datasets', dataset.id))).length).toBe(1);
  });

  it('leaves nothing of a table that is not of the declared columns', async () => {
    const dataset = await floor.declare('wages', '1');
    await expect(floor.seal(dataset, 'person_id,year\n1,2\n')).rejects.toMatchObject({
      code: 'table_malformed',
    });
    const left = await readdir(floor.folder, { recursive: true, withFileTypes: true });
    expect(left.filter((file) => file.isFile())).toEqual([]);
    expect(await floor.database.client.dataKey.count()).toBe(0);
    await floor.seal(dataset, await wagePanelCsv());
  });

  it.each(['0', '0.0', '1000000', '0.0000000000001', '-1', 'all'])('refuses a limit of %s', async (limit) => {
    await expect(floor.declare('wages', limit)).rejects.toMatchObject({ code: 'declaration_invalid' });
  });

  it('shows a dataset to nobody outside its organisation, and lets nobody but analysts ask', async () => {
    const dataset = await floor.declare('wages', '1');
    const { roles: _, ...identity } = floor.actor;
    const as = (role: 'steward' | 'auditor' | 'consumer', organizationId = identity.organizationId) =>
      actorOf({ ...identity, organizationId, roles: [{ role, projectId: null }] }, [privacyRules]);
    await expect(floor.find(as('auditor', randomUUID()), 'wages')).rejects.toMatchObject({
      code: 'dataset_unknown',
    });
    await expect(floor.find(as('consumer'), dataset.id)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(floor.find(as('steward'), 'wages', 'ask')).rejects.toMatchObject({ kind: 'forbidden' });
    expect((await floor.find(as('auditor'), 'wages')).id).toBe(dataset.id);
  });
});
