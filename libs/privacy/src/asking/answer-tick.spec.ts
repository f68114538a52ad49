import { setTimeout as sleep } from 'node:timers/promises';
import { readDocument } from '../dataset/dataset-document.js';
import { isShown, nextTick, shownFrom } from '../ledger/answer-tick.js';
import { ShowBudget } from '../ledger/show-budget.js';
import { ExactFigures } from '../measurement/exact-figures.js';
import { MeasurementEngine } from '../measurement/measurement-engine.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { wagePanelDeclaration } from '../testing/wage-panel.js';

const at = (ms: number) => new Date(1_000_000 + ms);
const settled = (ms: number | null) => ({ createdAt: at(0), settledAt: ms === null ? null : at(ms) });

describe('the tick at which it is shown what became of a question', () => {
  it.each([
    [0, 1_000],
    [1, 1_000],
    [999, 1_000],
    [1_000, 1_000],
    [1_001, 2_000],
    [2_500, 3_000],
  ])('after %i ms of work is at %i ms', (took, shown) => {
    expect(shownFrom(settled(took), 1_000)).toEqual(at(shown));
    expect(isShown(settled(took), 1_000, at(shown - 1))).toBe(false);
    expect(isShown(settled(took), 1_000, at(shown))).toBe(true);
  });

  it('is none while nothing has become of it', () => {
    expect(shownFrom(settled(null), 1_000)).toBeUndefined();
    expect(isShown(settled(null), 1_000, at(10 ** 9))).toBe(false);
  });

  it.each([
    [-5, 1_000],
    [0, 1_000],
    [999, 1_000],
    [1_000, 2_000],
    [1_500, 2_000],
  ])('is looked for, from %i ms on, at %i ms', (now, next) => {
    expect(nextTick(settled(null), 1_000, at(now))).toEqual(at(next));
  });
});

/** As slow as it is told to be: as if that were the data's doing. */
class SlowEngine extends MeasurementEngine {
  tookMs = 0;
  override async measure(): Promise<ExactFigures> {
    await sleep(this.tookMs);
    return new ExactFigures([[5n]]);
  }
}

describe('an answer of a dataset that answers every second', () => {
  const engine = new SlowEngine();
  let floor: PrivacyFloor;
  beforeAll(async () => void (floor = await PrivacyFloor.open(engine)));
  afterAll(() => floor[Symbol.asyncDispose]());
  const csv = 'person_id,year,region,occupation,amount\n1,1980,south,1,5\n';
  const sealed = (name: string) =>
    floor.sealedDataset(name, '9', csv, { ...wagePanelDeclaration, answerEverySeconds: 1 });
  const sql = (n: number) => `SELECT COUNT(*) FROM wages WHERE amount > ${n}`;

  it('comes a whole number of seconds after its question, however long it took, and says no more', async () => {
    const dataset = await sealed('wages');
    for (const [n, tookMs] of [0, 400].entries()) {
      engine.tookMs = tookMs;
      const { answeredAt, entryId } = await floor.ask(dataset, sql(n));
      const entry = await floor.ledger.entry(entryId);
      const passed = Date.parse(answeredAt) - (entry?.createdAt.getTime() ?? 0);
      expect([passed % 1_000, passed > 0]).toEqual([0, true]);
      const again = await floor.ask(dataset, sql(n));
      expect(again).toMatchObject({ answeredAt, charged: '0' });
    }
  });

  it('can not be seen earlier: not in the ledger, not by its price, not by asking again', async () => {
    engine.tookMs = 0;
    const { id } = await floor.declare('early', '9', { ...wagePanelDeclaration, answerEverySeconds: 20 });
    const dataset = await floor.datasets.byId(id);
    if (dataset === null) throw new Error('no dataset');
    const known = readDocument(dataset);
    const shownEveryMs = known.table.answerTickMs;
    const charge = { dataset, known, question: 'q', questionDigest: 'd', costPico: 10n ** 12n, costAtto: 0n };
    const ask = (changes: object = {}) =>
      floor.charges.execute(floor.actor, { ...charge, shownEveryMs, ...changes });
    const admission = await ask();
    const entry = admission.outcome === 'reserved' ? await floor.ledger.entry(admission.entryId) : null;
    if (entry === null) throw new Error('not reserved');
    await floor.database.transaction(async (tx) => {
      await floor.ledger.start(tx, entry.id);
      await floor.ledger.commit(tx, entry);
      await floor.ledger.storeRelease(tx, entry, {});
    });
    const budgetAt = (ms: number) =>
      new ShowBudget(floor.database, floor.ledger, floor.limits).execute(
        dataset,
        new Date(entry.createdAt.getTime() + ms),
      );
    const [before, after] = [await budgetAt(19_999), await budgetAt(20_000)];
    expect(before).toMatchObject({
      spent: '0',
      reserved: '1',
      remaining: '8',
      entries: [{ state: 'reserved' }],
    });
    expect(before.entries[0]?.settledAt).toBeUndefined();
    expect(after).toMatchObject({
      spent: '1',
      reserved: '0',
      remaining: '8',
      entries: [{ state: 'committed' }],
    });
    expect(await ask()).toEqual({ outcome: 'under_way', entryId: entry.id });
    expect((await ask({ shownEveryMs: 1 })).outcome).toBe('answered');
  });
});
