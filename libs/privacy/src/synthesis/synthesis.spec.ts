import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SynthesisRequest } from '@castellan/contracts';
import { SeededBits } from '@castellan/differential-privacy/testing';
import { readDocument } from '../dataset/dataset-document.js';
import { parseDeclaration } from '../declaration/protected-table.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { wagePanelCsv, wagePanelDeclaration, withoutPerson } from '../testing/wage-panel.js';
import { countMarginals } from './count-marginals.js';
import { prepareSynthesis } from './prepare-synthesis.js';
import { decode, domainOf, encoderOf, labelOf } from './synthesis-domain.js';

const table = parseDeclaration('wages', wagePanelDeclaration);

describe('the values of a synthetic column', () => {
  const domain = domainOf(table, undefined, 16);

  it('leave identifiers out and keep the order of the declaration', () => {
    expect(domain.map(({ column, values }) => [column.name, values])).toEqual([
      ['year', 8],
      ['region', 4],
      ['occupation', 9],
      ['amount', 16],
    ]);
  });

  it('put every number in one bin, and back into the same bin', () => {
    const amount = domain[3];
    if (amount === undefined) throw new Error('no amount');
    const encode = encoderOf(amount);
    expect([encode('0'), encode('-7'), encode('50000'), encode('1e9'), encode('25000.005')]).toEqual([
      0, 0, 15, 15, 8,
    ]);
    expect(['', 'NaN', 'Infinity', 'x', '0x'].map(encode)).toEqual([16, 16, 16, 16, 16]);
    for (let bin = 0; bin < 16; bin += 1)
      for (const draw of [0, 0.5, 1 - 2 ** -32]) expect(encode(decode(amount, bin, () => draw))).toBe(bin);
    expect(labelOf(amount, 0)).toBe('0 … 3125');
    expect(decode(amount, 16, () => 0)).toBe('');
  });

  it('count what is in no public list as missing', () => {
    const region = domain[1];
    if (region === undefined) throw new Error('no region');
    const encode = encoderOf(region);
    expect(['northeast', 'west', 'atlantis', ''].map(encode)).toEqual([0, 3, 4, 4]);
  });
});

describe('the marginals of neighbouring tables', () => {
  it.each(['13', '4122', '10392'])(
    'differ by the rows that count of person %s, with the same key',
    async (person) => {
      await using floor = await PrivacyFloor.open();
      const csv = await wagePanelCsv();
      const dataset = await floor.sealedDataset('wages', '1', csv);
      const known = readDocument(dataset);
      for (const rowsPerUnit of [1, 3]) {
        const prepared = prepareSynthesis(dataset, { bins: 16, rowsPerUnit }, 10n ** 12n);
        const [with_, without] = await Promise.all([
          countMarginals(csv, known.table, prepared, 'replay'),
          countMarginals(withoutPerson(csv, person), known.table, prepared, 'replay'),
        ]);
        const distances = with_.distancesTo(without);
        expect(distances).toHaveLength(4 + 6);
        expect(distances.every((distance) => distance === BigInt(rowsPerUnit))).toBe(true);
        const { singles } = without.release(prepared.plan, new SeededBits(person));
        for (const distance of with_.scoreDistancesTo(without, prepared.plan, singles))
          expect(distance).toBeLessThanOrEqual(BigInt(rowsPerUnit));
      }
    },
  );
});

describe('a synthetic table', () => {
  let floor: PrivacyFloor;
  beforeEach(async () => {
    floor = await PrivacyFloor.open();
  });
  afterEach(() => floor[Symbol.asyncDispose]());

  const made = async (epsilon: string, wanted: Partial<SynthesisRequest> = {}, limit = '100') => {
    const dataset = await floor.sealedDataset('wages', limit, await wagePanelCsv());
    const { entryId } = await floor.synthesize(dataset, { epsilon, ...wanted });
    await floor.settled();
    return { dataset, run: await floor.syntheses.find(dataset, entryId) };
  };

  it('is charged like a question, made by a job, and looks like the table it imitates', async () => {
    const { dataset, run } = await made('90', { rowsPerUnit: 8, columns: ['year', 'region', 'amount'] });
    const shown = await floor.syntheses.show(dataset, run);
    expect(shown).toMatchObject({ state: 'done', epsilon: '90', person: 'ada' });
    expect(Math.abs((shown.rows ?? 0) - 4360)).toBeLessThan(60);
    expect(shown.pairs).toHaveLength(2);
    const lines = (await floor.download(dataset, run)).trim().split('\n');
    expect(lines[0]).toBe('year,region,amount');
    expect(lines).toHaveLength((shown.rows ?? 0) + 1);
    const south = lines.filter((line) => line.split(',')[1] === 'south').length;
    expect(Math.abs(south - 1529)).toBeLessThan(60);
    for (const line of lines.slice(1, 200)) {
      const [year = '', , amount = ''] = line.split(',');
      expect(year === '' || (Number(year) >= 1980 && Number(year) <= 1987)).toBe(true);
      expect(Number(amount)).toBeLessThanOrEqual(50_000);
    }
    expect(await floor.budget(dataset)).toMatchObject({
      spent: '90',
      entries: [{ state: 'committed', question: expect.stringMatching(/^SYNTHESIZE "year"/) }],
    });
    expect(await floor.recorded(dataset)).toEqual([
      'dataset.declared',
      'dataset.sealed',
      'privacy.reserved',
      'privacy.started',
      'privacy.released',
      'privacy.synthetic-table-taken',
    ]);
    expect(floor.keys).toMatchObject({ opened: 1, disposed: 1 });
  });

  it('is the same table whenever it is taken, of any length, and made once for everybody', async () => {
    const { dataset, run } = await made('1');
    const first = await floor.download(dataset, run, 500);
    expect(await floor.download(dataset, run, 500)).toBe(first);
    expect((await floor.download(dataset, run, 20)).trim().split('\n')).toHaveLength(21);
    const again = await floor.synthesize(dataset, { epsilon: '1' });
    expect(again.entryId).toBe(run.entryId);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '1', reserved: '0' });
    expect(await floor.priceSynthesis(dataset)).toMatchObject({ free: true, epsilon: '0' });
    expect(floor.keys.opened).toBe(1);
  });

  it('tells price, noise and choices before anything is paid', async () => {
    const dataset = await floor.sealedDataset('wages', '2', await wagePanelCsv());
    expect(await floor.priceSynthesis(dataset, { rowsPerUnit: 2 })).toMatchObject({
      epsilon: '1',
      remaining: '2',
      free: false,
      columns: expect.arrayContaining([{ name: 'amount', values: 16 }]),
      // A third of the epsilon over four columns, and over three pairs.
      single: { mechanism: 'discrete_laplace', noiseScale: 24, marginals: 4 },
      pair: { noiseScale: 18, marginals: 3 },
      candidates: 6,
    });
    expect(floor.keys.opened).toBe(0);
  });

  it('has figures of released counts beside its own', async () => {
    const { dataset, run } = await made('60', { columns: ['region', 'occupation'] });
    const { MadeSynthesis } = await import('./made-synthesis.js');
    const figures = new MadeSynthesis(dataset, run).figures();
    expect(figures.columns.map(({ name }) => name)).toEqual(['region', 'occupation']);
    expect(figures.columns[0]?.counts.map(({ value }) => value)).toEqual([
      'northeast',
      'north_central',
      'south',
      'west',
      '',
    ]);
    for (const { released, synthetic } of figures.columns.flatMap(({ counts }) => counts))
      expect(Math.abs(released - synthetic)).toBeLessThan(30);
  });

  it.each([
    [{ columns: ['person_id'] }, /identifiers/],
    [{ columns: ['salary'] }, /no such column/],
    [{ rowsPerUnit: 9 }, /8 rows at most/],
  ])('is refused for %j, by the reason', async (wanted, reason) => {
    const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
    await expect(floor.synthesize(dataset, wanted)).rejects.toMatchObject({
      code: 'question_refused',
      publicDetail: expect.stringMatching(reason),
    });
  });

  it('is refused when the budget does not hold it, and when there is no table', async () => {
    const declared = await floor.declare('empty', '1');
    await expect(floor.synthesize(declared)).rejects.toMatchObject({ code: 'dataset_not_sealed' });
    const dataset = await floor.sealedDataset('wages', '0.5', await wagePanelCsv());
    await expect(floor.synthesize(dataset)).rejects.toMatchObject({ code: 'budget_exhausted' });
    expect(await floor.recorded(dataset)).toContain('privacy.refused');
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0' });
  });

  it('of a table without rows is noise alone', async () => {
    const dataset = await floor.sealedDataset('wages', '1', 'person_id,year,region,occupation,amount\n');
    const { entryId } = await floor.synthesize(dataset);
    await floor.settled();
    const run = await floor.syntheses.find(dataset, entryId);
    expect((await floor.download(dataset, run)).split('\n').length).toBeGreaterThan(1);
  });

  it('whose job was lost stays owed, and is made when it is asked for again', async () => {
    const dataset = await floor.sealedDataset('wages', '1', await wagePanelCsv());
    floor.requests.lost = true;
    const { entryId } = await floor.synthesize(dataset);
    const waiting = await floor.syntheses.find(dataset, entryId);
    await expect(floor.download(dataset, waiting)).rejects.toMatchObject({ code: 'synthesis_not_made' });
    floor.requests.lost = false;
    await floor.settle(60_000);
    await floor.settled();
    expect((await floor.syntheses.list(dataset)).map(({ state }) => state)).toEqual(['done']);
  });

  it('is refunded when the table can not be opened, and somebody else’s request changed in the database is not made', async () => {
    const dataset = await floor.sealedDataset('wages', '2', await wagePanelCsv());
    floor.requests.lost = true;
    const { entryId } = await floor.synthesize(dataset);
    await floor.database.client.privacyRun.update({
      where: { entryId },
      data: { request: JSON.stringify({ columns: ['year'], bins: 64, rowsPerUnit: 8 }) },
    });
    floor.requests.lost = false;
    await floor.settle(60_000);
    await floor.settled();
    expect(floor.keys.opened).toBe(0);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', entries: [{ state: 'refunded' }] });
  });

  it('leaves no row of the table in the store or the database', async () => {
    const csv = await wagePanelCsv();
    const { dataset, run } = await made('1');
    await floor.download(dataset, run, 100);
    const marker = csv.subarray(2000, 2060);
    const files = await readdir(floor.folder, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile()))
      expect((await readFile(join(file.parentPath, file.name))).includes(marker)).toBe(false);
    const rows = await floor.database.client.privacyRelease.findMany();
    expect(JSON.stringify(rows)).not.toContain(marker.toString());
  });
});
