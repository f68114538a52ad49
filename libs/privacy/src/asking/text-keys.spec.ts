import { PrivacyFloor } from '../testing/privacy-floor.js';
import { wagePanelCsv, wagePanelDeclaration } from '../testing/wage-panel.js';

const declaration = {
  ...wagePanelDeclaration,
  columns: wagePanelDeclaration.columns.map((column) =>
    column.name === 'region' ? { name: 'region', type: 'text' as const } : column,
  ),
};
const BY_REGION = 'SELECT region, COUNT(*) AS n FROM wages GROUP BY region';

describe('asking by a column whose values are not public', () => {
  let floor: PrivacyFloor;
  beforeEach(async () => {
    floor = await PrivacyFloor.open();
  });
  afterEach(() => floor[Symbol.asyncDispose]());
  const sealed = async (deltaLimit?: string) =>
    floor.sealedDataset('wages', '4', await wagePanelCsv(), declaration, deltaLimit);

  it('shows the groups that many share, charges epsilon and delta once, and tells the threshold before', async () => {
    const dataset = await sealed('3e-9');
    const price = await floor.price(dataset, BY_REGION, '2', '1e-9');
    expect(price).toMatchObject({ epsilon: '2', delta: '1e-9', remainingDelta: '3e-9' });
    // Scale 2 for two groups a unit at epsilon 1: 2 · e^(−T/2)/(1 + e^(−1/2)) ≤ 1e-9 from T = 42 on.
    expect(price.selection).toMatchObject({
      keys: ['region'],
      noiseScale: 2,
      threshold: 42,
      groupsPerUnit: 2,
    });
    const answer = await floor.ask(dataset, BY_REGION, '2', floor.actor, '1e-9');
    expect(answer).toMatchObject({ charged: '2', delta: '1e-9', selection: price.selection });
    expect(answer.rows.map(([region]) => region)).toEqual(['north_central', 'northeast', 'south', 'west']);
    const again = await floor.ask(dataset, BY_REGION, '2', floor.actor, '1e-9');
    expect(again).toMatchObject({ charged: '0', rows: answer.rows });
    const budget = await floor.budget(dataset);
    expect(budget).toMatchObject({ spent: '2', delta: { spent: '1e-9', remaining: '2e-9' } });
    expect(budget.entries).toMatchObject([{ epsilon: '2', delta: '1e-9', state: 'committed' }]);
  });

  it('is refused, for nothing, where delta is missing or the budget does not hold it', async () => {
    const dataset = await sealed('3e-9');
    await expect(floor.ask(dataset, BY_REGION, '1')).rejects.toMatchObject({ code: 'delta_missing' });
    await expect(floor.ask(dataset, BY_REGION, '1', floor.actor, '4e-9')).rejects.toMatchObject({
      code: 'budget_exhausted',
      publicDetail: expect.stringContaining('delta 4e-9'),
      meta: { delta: '4e-9', remainingDelta: '3e-9' },
    });
    for (const delta of ['0', '1', '-1e-9', '1e-400', 'NaN'])
      await expect(floor.ask(dataset, BY_REGION, '1', floor.actor, delta)).rejects.toMatchObject({
        code: expect.stringMatching(/^delta_/),
      });
    expect(await floor.budget(dataset)).toMatchObject({ spent: '0', reserved: '0', delta: { spent: '0' } });
    expect(floor.keys.opened).toBe(0);
  });

  it('is refused for a dataset without delta; delta that is not needed is not charged', async () => {
    const dataset = await sealed();
    await expect(floor.ask(dataset, BY_REGION, '1', floor.actor, '1e-9')).rejects.toMatchObject({
      code: 'budget_exhausted',
    });
    const answer = await floor.ask(dataset, 'SELECT COUNT(*) FROM wages', '1', floor.actor, '1e-9');
    expect(answer).toMatchObject({ charged: '1' });
    expect(answer.delta).toBeUndefined();
  });
});
