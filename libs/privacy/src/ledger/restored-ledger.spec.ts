import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { chargeOf } from './pico-epsilon.js';
import { ReconcileBudget } from './reconcile-budget.js';

let floor: PrivacyFloor;
let reconcile: ReconcileBudget;
beforeAll(async () => {
  floor = await PrivacyFloor.open();
  reconcile = new ReconcileBudget(floor.database, floor.ledger, floor.audit);
});
afterAll(() => floor[Symbol.asyncDispose]());

let asked = 0;
const charge = (dataset: DatasetRow, epsilon: string, question = `question ${(asked += 1)}`) =>
  floor.charges.execute(floor.actor, {
    dataset,
    known: readDocument(dataset),
    question,
    questionDigest: question,
    costPico: chargeOf(epsilon),
    costAtto: 0n,
  });

/** What beginning a new log does to every ledger. */
async function restored(name: string, delta?: string): Promise<DatasetRow> {
  const dataset = await floor.declare(name, '2', undefined, delta);
  await charge(dataset, '0.5', 'asked before');
  const restoredAt = new Date('2026-11-24T12:00:00Z');
  await floor.database.client.privacyBudget.update({
    where: { datasetId: dataset.id },
    data: { restoredAt },
  });
  return dataset;
}
const held = { code: 'ledger_restored', kind: 'conflict' };
const reason = 'The console of 24 November shows it.';

describe('a ledger that came from a backup', () => {
  it('answers nothing, not even what it answered before, until its steward has said what was spent', async () => {
    const dataset = await restored('wages');
    await expect(charge(dataset, '0.1')).rejects.toMatchObject(held);
    await expect(charge(dataset, '0.5', 'asked before')).rejects.toMatchObject(held);
    expect(await floor.budget(dataset)).toMatchObject({
      restoredAt: '2026-11-24T12:00:00.000Z',
      reserved: '0.5',
    });

    await reconcile.execute(floor.actor, dataset, { epsilon: '1.25', reason });
    const budget = await floor.budget(dataset);
    expect(budget).toMatchObject({ spent: '1.25', reserved: '0.5', remaining: '0.25' });
    expect(budget.restoredAt).toBeUndefined();
    expect(budget.entries[0]).toMatchObject({ epsilon: '1.25', state: 'committed', person: 'ada' });
    expect(budget.entries[0]?.question).toContain(reason);
    expect(await floor.recorded(dataset)).toContain('privacy.reconciled');
    expect((await charge(dataset, '0.25')).outcome).toBe('reserved');
    await expect(charge(dataset, '0.01')).rejects.toMatchObject({ code: 'budget_exhausted' });
  });

  it('starts no engine on a question that was reserved before', async () => {
    const dataset = await restored('started');
    const { id } = await floor.database.client.privacyLedgerEntry.findFirstOrThrow({
      where: { datasetId: dataset.id },
    });
    const highest = { limitPico: 2n * 10n ** 12n, limitAtto: 0n };
    const limits = { ...highest, highest };
    const start = floor.database.transaction(async (tx) => {
      await floor.ledger.lock(tx, dataset.id, limits);
      return floor.ledger.start(tx, id);
    });
    await expect(start).rejects.toMatchObject(held);
  });

  it('takes "all" where nobody can know, and then has nothing left', async () => {
    const dataset = await restored('all', '1e-9');
    await reconcile.execute(floor.actor, dataset, { epsilon: 'all', delta: 'all', reason });
    const budget = await floor.budget(dataset);
    expect(budget).toMatchObject({ remaining: '0', spent: '1.5', delta: { remaining: '0', spent: '1e-9' } });
  });

  it('takes nothing where that is the word, and writes no entry', async () => {
    const dataset = await restored('nothing');
    await reconcile.execute(floor.actor, dataset, { epsilon: '0', delta: '0', reason });
    expect((await floor.budget(dataset)).entries).toHaveLength(1);
    expect((await charge(dataset, '1.5')).outcome).toBe('reserved');
  });

  it('stays held when more is said than was left, and is reconciled once', async () => {
    const dataset = await restored('once');
    const say = (epsilon: string) => reconcile.execute(floor.actor, dataset, { epsilon, reason });
    await expect(say('1.6')).rejects.toMatchObject({ code: 'budget_exhausted' });
    await expect(charge(dataset, '0.1')).rejects.toMatchObject(held);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => say('0.2')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await floor.budget(dataset)).spent).toBe('0.2');
    await expect(say('0.2')).rejects.toMatchObject({ code: 'ledger_not_restored' });
  });
});
