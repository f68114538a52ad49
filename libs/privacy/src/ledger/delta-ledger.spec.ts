import { PrivacyFloor } from '../testing/privacy-floor.js';
import { deltaText } from './atto-delta.js';

describe('delta in the ledger', () => {
  let floor: PrivacyFloor;
  beforeEach(async () => {
    floor = await PrivacyFloor.open();
  });
  afterEach(() => floor[Symbol.asyncDispose]());

  const highest = { limitPico: 10n ** 12n, limitAtto: 10n ** 9n };
  const limits = { ...highest, highest };
  const reserve = (datasetId: string, costAtto: bigint, costPico = 1n) =>
    floor.database.transaction(async (tx) => {
      await floor.ledger.lock(tx, datasetId, limits);
      const { personId } = floor.actor;
      return floor.ledger.reserve(tx, {
        datasetId,
        personId,
        projectId: floor.projectId,
        parts: [],
        questionDigest: 'd',
        question: 'q',
        costPico,
        costAtto,
      });
    });

  it('is reserved, committed and refunded together with epsilon, and never beyond its limit', async () => {
    const { id } = await floor.declare('wages', '1', undefined, '1e-9');
    const first = await reserve(id, 6n * 10n ** 8n);
    expect(await reserve(id, 5n * 10n ** 8n)).toBeUndefined();
    const second = await reserve(id, 4n * 10n ** 8n);
    expect(await reserve(id, 1n)).toBeUndefined();
    expect(await reserve(id, 0n)).toBeDefined();
    if (!first || !second) throw new Error('not reserved');
    await floor.database.transaction(async (tx) => {
      await floor.ledger.start(tx, first.id);
      await floor.ledger.commit(tx, first);
      await floor.ledger.refund(tx, second, 'never_started');
    });
    const dataset = await floor.datasets.byId(id);
    if (!dataset) throw new Error('no dataset');
    expect((await floor.budget(dataset)).delta).toEqual({
      limit: '1e-9',
      spent: '6e-10',
      reserved: '0',
      remaining: '4e-10',
    });
    expect(await reserve(id, 4n * 10n ** 8n)).toBeDefined();
  });

  it('is not overspent by many at once', async () => {
    const { id } = await floor.declare('wages', '1', undefined, '1e-9');
    const reserved = await Promise.all(Array.from({ length: 25 }, () => reserve(id, 10n ** 8n)));
    expect(reserved.filter((entry) => entry !== undefined)).toHaveLength(10);
  });

  it('is none where the declaration names none', async () => {
    const dataset = await floor.declare('wages', '1');
    expect((await floor.budget(dataset)).delta).toBeUndefined();
  });

  it('whose limit or sum was changed in the database stops the ledger', async () => {
    const { id } = await floor.declare('wages', '1', undefined, '1e-9');
    await reserve(id, 5n * 10n ** 8n);
    for (const data of [{ limitAtto: 10n ** 12n }, { reservedAtto: 0n }]) {
      const { limitAtto, reservedAtto } = await floor.ledger.figures(id);
      await floor.database.client.privacyBudget.update({ where: { datasetId: id }, data });
      await expect(reserve(id, 1n)).rejects.toMatchObject({ code: 'ledger_inconsistent' });
      const before = { limitAtto, reservedAtto };
      await floor.database.client.privacyBudget.update({ where: { datasetId: id }, data: before });
    }
    const spentAtto = { spentAtto: 10n ** 9n };
    await expect(
      floor.database.client.privacyBudget.update({ where: { datasetId: id }, data: spentAtto }),
    ).rejects.toThrow(/delta_not_overspent/);
  });

  it.each(['0', '1', '-1', '1e-400', 'NaN'])('refuses the limit %j', async (limit) => {
    await expect(floor.declare('wages', '1', undefined, limit)).rejects.toMatchObject({
      code: 'declaration_invalid',
    });
  });
});

describe('an amount of delta', () => {
  it.each([
    [0n, '0'],
    [1n, '1e-18'],
    [10n ** 9n, '1e-9'],
    [1_230_000_000n, '1.23e-9'],
    [25n * 10n ** 14n, '0.0025'],
    [5n * 10n ** 17n, '0.5'],
    [999_999_999_999_999n, '9.99999999999999e-4'],
  ])('of %s reads %s', (atto, text) => {
    expect(deltaText(atto)).toBe(text);
  });
});
