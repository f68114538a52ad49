import { setTimeout as sleep } from 'node:timers/promises';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { ExactFigures } from '../measurement/exact-figures.js';
import { MeasurementEngine } from '../measurement/measurement-engine.js';
import type { MeasurementPlan } from '../measurement/measurement-plan.js';
import { renderQuestion } from '../question/render-question.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { wagePanelDeclaration } from '../testing/wage-panel.js';
import type { Admission } from './admit-charge.js';
import { remainingOf } from './privacy-ledger.js';

const CLIENTS = 200;
const QUESTIONS = 160;
/** Of a hundred and sixty at 0.1, a hundred can be paid for. */
const LIMIT = '10';

/** Who dies when, the same in every run; what that meets is up to the machine. */
function dice(seed: number) {
  let state = seed;
  return (sides: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** Sees the data and then answers, fails, or is never heard of again. Remembers which questions it saw data for. */
class MortalEngine extends MeasurementEngine {
  readonly seen: string[] = [];

  constructor(private readonly roll: (sides: number) => number) {
    super();
  }

  override async measure(plan: MeasurementPlan): Promise<ExactFigures> {
    this.seen.push(renderQuestion(plan.question, plan.table));
    const fate = this.roll(8);
    if (fate === 0) throw new Error('killed');
    if (fate === 1) return new Promise(() => undefined);
    await sleep(this.roll(20));
    return new ExactFigures([[1n]]);
  }
}

describe('two hundred who ask at once, while connections, workers and engines are killed', () => {
  const roll = dice(20_261_124);
  const engine = new MortalEngine(roll);
  let floor: PrivacyFloor;
  beforeAll(async () => void (floor = await PrivacyFloor.open(engine)));
  afterAll(async () => {
    // What was killed is never heard of again: nobody waits for it.
    floor.requests.running = [];
    await floor[Symbol.asyncDispose]();
  });

  /** Ends the database sessions of this suite, at any point of whatever they were doing. */
  async function killSessions(stopped: AbortSignal): Promise<number> {
    let killed = 0;
    while (!stopped.aborted) {
      await sleep(40);
      killed += await floor.database.client.$executeRaw`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND random() < 0.3`.catch(
        () => 0,
      );
    }
    return killed;
  }

  /** As jobs does every few seconds. */
  async function settleAgainAndAgain(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      await sleep(200);
      await floor.settle(800, 500).catch(() => undefined);
    }
  }

  it('never overspend, lose nothing, and see no data that was not charged', async () => {
    const csv = 'person_id,year,region,occupation,amount\n1,1980,south,1,5\n';
    const divided = { ...wagePanelDeclaration, onePartPerUnit: 'region' };
    const dataset = await floor.sealedDataset('wages', LIMIT, csv, divided);
    const measure = floor.requests.measure;
    // A worker that is killed before it begins; one whose word is lost and comes again; most do their work.
    floor.requests.measure = async (entryId) => {
      if (roll(10) > 0) void measure(entryId).catch(() => undefined);
    };
    const fire = new AbortController();
    const [killing, settling] = [killSessions(fire.signal), settleAgainAndAgain(fire.signal)];
    const sqlOf = (i: number) =>
      `SELECT COUNT(*) FROM wages WHERE amount > ${i}${i % 4 === 0 ? ` AND region = 'south'` : ''}`;
    const outcomes = await Promise.allSettled(
      Array.from({ length: CLIENTS }, (_, i) => floor.ask(dataset, sqlOf(i % QUESTIONS), '0.1')),
    );
    fire.abort();
    const [killed] = await Promise.all([killing, settling]);
    while ((await floor.ledger.unsettled(new Date(Date.now() + 1_000))).length > 0) await floor.settle(0);

    const answered = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(answered).toBeGreaterThan(0);
    expect(killed).toBeGreaterThan(0);
    const { client } = floor.database;
    const entries = await client.privacyLedgerEntry.findMany({
      where: { datasetId: dataset.id },
      include: { release: true },
    });
    const sum = (of: typeof entries) => of.reduce((total, { costPico }) => total + costPico, 0n);
    const committed = entries.filter(({ state }) => state === 'committed');
    const [whole, parted] = [
      committed.filter(({ parts }) => parts.length === 0),
      committed.filter(({ parts }) => parts.length > 0),
    ];
    // Never overspent: what the entries say is what the sums say, and it is within the limit.
    const figures = await floor.ledger.figures(dataset.id);
    expect(figures).toMatchObject({ reservedPico: 0n, spentPico: sum(whole), partsPico: sum(parted) });
    expect(sum(committed)).toBeLessThanOrEqual(figures.limitPico);
    // Never lost: every charge has ended one way, and what was answered is stored.
    expect(entries.filter(({ state }) => state === 'reserved')).toEqual([]);
    expect(committed.filter(({ release }) => release !== null).length).toBeGreaterThanOrEqual(1);
    // Nothing uncharged: each time that data were seen there is a charge that stands. (A start may be recorded, and its
    // process die before it saw any: that is charged too.)
    const charges = Map.groupBy(committed, ({ question }) => question);
    const sights = Map.groupBy(engine.seen, (question) => question);
    for (const [question, times] of sights)
      expect(charges.get(question)?.length ?? 0).toBeGreaterThanOrEqual(times.length);
    await expectRecorded(entries);
    // And the ledger still works, to the last of it.
    const rest = remainingOf(figures);
    if (rest > 0n) expect((await charge(dataset, rest)).outcome).toBe('reserved');
    await expect(charge(dataset, 1n)).rejects.toMatchObject({ code: 'budget_exhausted' });
  });

  /** One event for each step of each entry: no change without its record, no record without its change. */
  async function expectRecorded(entries: readonly { id: string; state: string; release: unknown }[]) {
    const rows = await floor.database.client.auditOutbox.findMany();
    const steps = rows
      .map(({ event }) => JSON.parse(event) as { action: string; details?: { entry?: string } })
      .filter(({ action }) => action !== 'privacy.repeated' && action !== 'privacy.started')
      .flatMap(({ action, details }) => (details?.entry === undefined ? [] : [`${details.entry} ${action}`]));
    const expected = entries.flatMap(({ id, state, release }) => {
      const end =
        state === 'refunded' ? 'refunded' : release === null ? 'charged-without-answer' : 'released';
      return [`${id} privacy.reserved`, `${id} privacy.${end}`];
    });
    expect(steps.toSorted()).toEqual(expected.toSorted());
  }

  function charge(dataset: DatasetRow, costPico: bigint): Promise<Admission> {
    const question = `the last ${costPico}`;
    const about = { dataset, known: readDocument(dataset), question, questionDigest: question };
    return floor.charges.execute(floor.actor, { ...about, costPico, costAtto: 0n });
  }
});
