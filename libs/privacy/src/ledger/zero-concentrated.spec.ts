import type { DatasetDeclaration } from '@castellan/contracts';
import { multiply, rational, toNumber, type PrivacyLoss } from '@castellan/differential-privacy';
import { offeredQuestion } from '../asking/prepare-question.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { readDocument } from '../dataset/dataset-document.js';
import { DuckdbEngine } from '../measurement/duckdb-engine.js';
import { releaseCard } from '../measurement/release-card.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { wagePanelCsv, wagePanelDeclaration } from '../testing/wage-panel.js';
import { epsilonAt, epsilonPaidBy } from './accounting.js';

const inRho: DatasetDeclaration = { ...wagePanelDeclaration, accounting: 'zcdp' };
const byRegion = ({ name }: DatasetRow, where = '') =>
  `SELECT region, COUNT(*), SUM(amount) FROM "${name}" ${where} GROUP BY region`;

let floor: PrivacyFloor;
beforeAll(async () => {
  floor = await PrivacyFloor.open();
});
afterAll(() => floor[Symbol.asyncDispose]());

let names = 0;
async function wages(limit: string, declaration = inRho, delta?: string) {
  return floor.sealedDataset(`rho-${(names += 1)}`, limit, await wagePanelCsv(), declaration, delta);
}
const ask = (dataset: DatasetRow, rho: string, sql = byRegion(dataset)) =>
  floor.askFor(dataset, { sql, rho });

describe('a dataset whose losses are added up in rho', () => {
  it('answers with Gaussian noise, charges rho, and says what that is in epsilon', async () => {
    const dataset = await wages('0.5');
    const answer = await ask(dataset, '0.125');
    expect(answer).toMatchObject({ rho: '0.125', charged: '0.125' });
    expect(answer).not.toHaveProperty('epsilon');
    // Δ₂² = 2 groups · 8² rows; σ = √(128 / (2 · 0.0625)) = 32.
    expect(wagePanelDeclaration).toMatchObject({ maxGroupsPerUnit: 2, maxRowsPerGroup: 8 });
    expect(answer.columns[1]).toMatchObject({
      mechanism: 'discrete_gaussian',
      noiseScale: 32,
      rho: '0.0625',
    });
    expect(Math.abs(Number(answer.rows[2]?.[1]) - 1529)).toBeLessThan(12 * 32);
    const budget = await floor.budget(dataset);
    expect(budget).toMatchObject({ accounting: 'zcdp', spent: '0.125', remaining: '0.375' });
    expect(budget.asEpsilon?.limit.delta).toBe('1e-6');
    expect(budget.asEpsilon?.limit.epsilon).toBe(5.2216);
    expect(budget.entries[0]).toMatchObject({ rho: '0.125', state: 'committed' });
    expect(await ask(dataset, '0.125')).toMatchObject({ charged: '0', rows: answer.rows });
    await expect(ask(dataset, '0.4')).rejects.toMatchObject({
      code: 'budget_exhausted',
      publicDetail: expect.stringMatching(/costs rho 0.4; .* has 0.375 left/),
    });
  });

  it('is charged half the square of an epsilon, and nothing else is taken for its currency', async () => {
    const dataset = await wages('1');
    expect(await floor.ask(dataset, byRegion(dataset), '0.5')).toMatchObject({ charged: '0.125' });
    const other = await floor.sealedDataset('in-epsilon', '1', await wagePanelCsv());
    const differs = { code: 'accounting_differs' };
    await expect(ask(other, '0.1')).rejects.toMatchObject(differs);
    await expect(floor.askFor(dataset, { sql: byRegion(dataset) })).rejects.toMatchObject(differs);
    await expect(
      floor.askFor(dataset, { sql: byRegion(dataset), rho: '1', epsilon: '1' }),
    ).rejects.toMatchObject(differs);
    await expect(ask(dataset, '0')).rejects.toMatchObject({ code: 'rho_out_of_range' });
    await expect(ask(dataset, '-1')).rejects.toMatchObject({ code: 'rho_malformed' });
    const limits = { project: 'default', name: 'wrong', declaration: inRho };
    await expect(floor.declareAs({ ...limits, epsilonLimit: '1' })).rejects.toMatchObject(differs);
    const both = { epsilonLimit: '1', rhoLimit: '1' };
    await expect(floor.declareAs({ ...limits, ...both })).rejects.toMatchObject(differs);
    const person = { person: { epsilon: '1' } };
    await expect(floor.declareAs({ ...limits, rhoLimit: '1', subLimits: person })).rejects.toMatchObject(
      differs,
    );
  });

  it('never costs more than the charge, however it is divided', async () => {
    const dataset = await wages('9');
    const sql = `SELECT region, COUNT(*), AVG(amount), MEDIAN(amount), QUANTILE(amount, 0.9) FROM "${dataset.name}" GROUP BY region`;
    for (const rho of ['0.1', '0.333333333333', '1e-7', '7']) {
      const { plan } = await offeredQuestion(dataset, sql, { rho });
      const parts = plan.measures.map(({ mechanism }) => rhoOf(mechanism.cost));
      const quantiles = plan.quantiles.map(({ selection }) =>
        toNumber(multiply(selection.rho, rational(plan.groupsPerUnit))),
      );
      expect(plan.quantiles.map(({ selection }) => selection.name)).toEqual(['exponential', 'exponential']);
      const total = [...parts, ...quantiles].reduce((sum, cost) => sum + cost, 0);
      expect(total / Number(rho)).toBeLessThanOrEqual(1 + 1e-12);
      expect(total / Number(rho)).toBeGreaterThan(0.99);
    }
  });

  it('has a card that names its definition, its composition and Δ₂²', async () => {
    const dataset = await wages('1');
    const card = releaseCard(await offeredQuestion(dataset, byRegion(dataset), { rho: '0.5' }));
    expect(card).toMatchObject({
      definition: 'zero-concentrated differential privacy',
      composition: 'zero-concentrated, in rho',
      measures: [{ mechanism: 'discrete_gaussian', squaredSensitivity: '128' }, {}],
    });
  });

  it('moves each figure by Δ₂ at most when a unit comes or goes', async () => {
    const engine = new DuckdbEngine({ threads: 1, memoryLimitMb: 256 });
    const dataset = await wages('9');
    const { plan } = await offeredQuestion(dataset, byRegion(dataset), { rho: '0.1' });
    const [head = '', ...lines] = (await wagePanelCsv()).toString().trim().split('\n');
    const units = [...new Set(lines.map((line) => line.split(',')[0]))].slice(0, 12);
    const whole = await engine.measure(plan, Buffer.from([head, ...lines].join('\n')), 'k');
    for (const unit of units) {
      const rest = lines.filter((line) => line.split(',')[0] !== unit);
      const without = await engine.measure(plan, Buffer.from([head, ...rest].join('\n')), 'k');
      const moved = whole.distancesTo(without, (change) => change * change);
      moved.forEach((squared, m) =>
        expect(squared).toBeLessThanOrEqual(plan.measures[m]?.squaredSensitivity ?? 0n),
      );
    }
  });

  it('charges the delta of groups whose keys are not public beside rho, and selects them by Gaussian noise', async () => {
    const columns = inRho.columns.map((column) =>
      column.name === 'region' ? { name: 'region', type: 'text' as const } : column,
    );
    const dataset = await wages('1', { ...inRho, columns }, '1e-6');
    const answer = await floor.askFor(dataset, { sql: byRegion(dataset), rho: '0.5', delta: '1e-8' });
    expect(answer).toMatchObject({
      charged: '0.5',
      delta: '1e-8',
      selection: { mechanism: 'discrete_gaussian' },
    });
    expect(answer.rows.map(([region]) => region)).toContain('south');
    const { plan } = await offeredQuestion(dataset, byRegion(dataset), { rho: '0.5', delta: '1e-8' });
    const [units] = plan.measures;
    const shownAlone = (threshold: bigint) => 2 * (units?.mechanism.upperTail(threshold - 1n) ?? 1);
    const threshold = plan.selection?.threshold ?? 0n;
    expect(shownAlone(threshold)).toBeLessThanOrEqual(1e-8);
    expect(shownAlone(threshold - 2n)).toBeGreaterThan(1e-8);
    const budget = await floor.budget(dataset);
    expect(budget).toMatchObject({ spent: '0.5', delta: { spent: '1e-8' } });
    expect(budget.asEpsilon?.spent.delta).toBe('1.01e-6');
  });

  it('makes synthetic tables within rho, and knows how much epsilon a charge pays for', async () => {
    const dataset = await wages('9');
    const run = await floor.synthesize(dataset, { epsilon: '1', bins: 4 });
    await floor.settled();
    const shown = await floor.syntheses.show(dataset, await floor.syntheses.find(dataset, run.entryId));
    expect(shown).toMatchObject({
      rho: '0.5',
      state: 'done',
      card: { definition: 'zero-concentrated differential privacy', rho: '1/2' },
    });
    expect(toNumber(epsilonPaidBy('zcdp', 500_000_000_000n))).toBe(1);
    expect(toNumber(epsilonPaidBy('zcdp', 1n)) ** 2 / 2).toBeLessThanOrEqual(1e-12);
  });

  it('never overspends: fifty at once, of whom the limit holds seven', async () => {
    const dataset = await wages('0.7');
    const asked = Array.from({ length: 50 }, (_, i) =>
      ask(dataset, '0.1', byRegion(dataset, `WHERE amount > ${i}`)),
    );
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0.7', remaining: '0' });
  });
});

describe('somebody who writes to the database', () => {
  it('does not make epsilon of rho: a table does not open under another document', async () => {
    const dataset = await wages('1');
    const document = JSON.parse(dataset.declaration);
    const { accounting: _, ...declaration } = document.declaration;
    const { rhoLimit: epsilonLimit, ...rest } = { ...document, declaration };
    const forged = { declaration: JSON.stringify({ ...rest, epsilonLimit }) };
    const id = { where: { id: dataset.id } };
    const changed = await floor.database.client.dataset.update({
      ...id,
      data: forged,
      include: { project: true, classification: true },
    });
    expect(readDocument(changed).table.accounting).toBe('pure');
    await expect(floor.ask(changed, byRegion(changed), '0.5')).rejects.toMatchObject({
      code: 'measurement_refused',
    });
    expect(floor.keys.disposed).toBe(floor.keys.opened);
    expect(await floor.recorded(dataset)).not.toContain('privacy.started');
  });

  it('does not raise rho, and a charge that is made smaller in its row measures nothing', async () => {
    const dataset = await wages('0.1');
    const where = { datasetId: dataset.id };
    await floor.database.client.privacyBudget.update({ where, data: { limitPico: 10n ** 15n } });
    await expect(ask(dataset, '0.05')).rejects.toMatchObject({ code: 'ledger_inconsistent' });
    const other = await wages('0.1');
    floor.requests.lost = true;
    const asked = ask(other, '0.1').catch((error: unknown) => error);
    let entry = null;
    while (entry === null)
      entry = await floor.database.client.privacyLedgerEntry.findFirst({ where: { datasetId: other.id } });
    await Promise.all([
      floor.database.client.privacyLedgerEntry.update({
        where: { id: entry.id },
        data: { costPico: 1_000n },
      }),
      floor.database.client.privacyBudget.update({
        where: { datasetId: other.id },
        data: { reservedPico: 1_000n },
      }),
    ]);
    floor.requests.lost = false;
    await floor.requests.measure(entry.id);
    expect(await asked).toMatchObject({
      code: 'measurement_refused',
      meta: { failure: 'ledger_inconsistent' },
    });
  });
});

describe('a loss in rho, as epsilon', () => {
  it.each([
    [2.63, 1e-10, 17.430584],
    [0.5, 1e-7, 5.670859],
    [1 / 32, 1e-3, 0.6880024554878085],
  ])('of %d at delta %d is rounded up', (rho, delta, epsilon) => {
    const shown = epsilonAt(BigInt(Math.round(rho * 1e12)), delta);
    expect(shown).toBeGreaterThanOrEqual(epsilon);
    expect(shown).toBeLessThan(epsilon + 2e-4);
  });
});

function rhoOf(cost: PrivacyLoss): number {
  if (cost.definition !== 'zero_concentrated') throw new Error('not in rho');
  return toNumber(cost.rho);
}
