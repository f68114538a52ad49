import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entryRow } from './entry-row.js';
import { PrismaLogStore } from './prisma-log-store.js';
import { Sequencer, verifyStoredLog, type LogVerdict } from './index.js';
import { FaultyDatabase, FaultySigner, InjectedFault, type Fault } from './testing/faults.js';
import { numbered, sequenceAll, SpecLog } from './testing/spec-log.js';

let spec: SpecLog;
beforeAll(async () => {
  spec = await SpecLog.open();
});
beforeEach(() => spec.reset());
afterAll(() => spec.close());

const storedIds = async (): Promise<string[]> => {
  const rows = await spec.database.client.auditEntry.findMany({
    orderBy: { index: 'asc' },
    select: { eventId: true },
  });
  return rows.map(({ eventId }) => eventId);
};

const verdict = (held: readonly string[] = []): Promise<LogVerdict> =>
  verifyStoredLog(spec.database, spec.identity, [
    ...held,
    ...(spec.memory.note === undefined ? [] : [spec.memory.note]),
  ]);

async function expectSoundLogOf(ids: readonly string[], held: readonly string[] = []): Promise<void> {
  expect((await storedIds()).toSorted()).toEqual(ids.toSorted());
  expect(await verdict(held)).toEqual({ ok: true, size: ids.length, faults: [] });
  expect(await spec.reader.backlog()).toEqual({ waiting: 0, oldestMs: 0, unsigned: 0 });
}

describe('the sequencer', () => {
  it('makes a leaf of an event and has it signed', async () => {
    const id = await spec.database.transaction((tx) => spec.log.append(tx, numbered(0)));
    const covered = spec.log.sequenced(id);
    await sequenceAll(spec.sequencer());
    expect(await covered).toMatchObject({ index: 0n });
    await expectSoundLogOf([id]);
  });

  it('has nothing signed while nothing happened', async () => {
    expect(await spec.sequencer().round()).toBe(0);
    expect(spec.memory.note).toBeUndefined();
    expect(await verdict()).toEqual({ ok: true, size: 0, faults: [] });
  });

  it('grows over full tiles, in batches of any size, and keeps the order of one process', async () => {
    const first = await spec.record(300);
    await sequenceAll(spec.sequencer({ batchSize: 70 }));
    const second = await spec.record(700, 300);
    await sequenceAll(spec.sequencer({ batchSize: 1_000 }));
    const ids = await storedIds();
    expect(ids).toEqual(ids.toSorted());
    await expectSoundLogOf([...first, ...second]);
  });

  it('takes an event that commits late, though events with later ids are in the log already', async () => {
    let commit = (): void => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    let appended = (): void => undefined;
    const isAppended = new Promise<void>((resolve) => (appended = resolve));
    const late = spec.database.transaction(async (tx) => {
      const id = await spec.log.append(tx, numbered(0));
      appended();
      await held;
      return id;
    });
    await isAppended;
    const early = await spec.record(3, 1);
    await sequenceAll(spec.sequencer());
    commit();
    const ids = [...early, await late];
    await sequenceAll(spec.sequencer());
    expect(await storedIds()).toEqual(ids);
    await expectSoundLogOf(ids);
  });

  it('takes what committed late after it has read ahead of it, and a batch that changed meanwhile as it then is', async () => {
    const sequencer = spec.sequencer({ batchSize: 10 });
    const ids = await spec.record(120);
    // Reads on to the last but one batch, and signs.
    for (let n = 0; n < 2; n += 1) expect(await sequencer.round()).toBeGreaterThan(0);
    const [first] = ids;
    const late = `0${first?.slice(1) ?? ''}`.replace(/.$/, 'f');
    await spec.database.client.auditOutbox.create({ data: { id: late, event: '{"late":true}' } });
    await spec.database.client.$executeRaw`
      UPDATE "AuditOutbox" SET event = event || ' ' WHERE id = (SELECT max(id) FROM "AuditOutbox")`;
    await spec.database.client.$executeRaw`
      UPDATE "AuditOutbox" SET event = event || ' ' WHERE id = (SELECT min(id) FROM "AuditOutbox" WHERE id > ${late})`;
    // The batch that was read ahead is not there any more, so nothing of it was claimed; what is there is.
    await expect(sequencer.round()).rejects.toMatchObject({ code: 'log_incomplete' });
    await sequenceAll(sequencer);
    expect((await storedIds()).toSorted()).toEqual([...ids, late].toSorted());
    const { size, faults } = await verdict();
    expect([size, new Set(faults.map(({ code }) => code))]).toEqual([121, new Set()]);
  });

  it('runs until it is stopped, while events come in from many writers', async () => {
    const stop = new AbortController();
    const running = spec.sequencer({ intervalMs: 5 }).run(stop.signal);
    const ids = await spec.record(50);
    await Promise.all(ids.map((id) => spec.log.sequenced(id)));
    stop.abort();
    await running;
    await expectSoundLogOf(ids);
  });

  it('keeps its stored checkpoints few', async () => {
    for (let n = 0; n < 12; n += 1) await spec.grow(1, n);
    const { length } = await spec.database.client.auditCheckpoint.findMany();
    // One a minute and the last; the rounds may fall on both sides of a full minute.
    expect(length).toBeLessThanOrEqual(3);
    expect(await verdict()).toMatchObject({ ok: true, size: 12 });
  });
});

describe('two sequencers', () => {
  it('sequence every event once, whichever gets there first', async () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const failures: unknown[] = [];
    const onFailure = (error: unknown): void => void failures.push(error);
    const running = [
      spec.sequencer({ intervalMs: 1, batchSize: 7, onFailure }).run(one.signal),
      spec.sequencer({ intervalMs: 1, batchSize: 5, onFailure }).run(two.signal),
    ];
    const ids: string[] = [];
    for (let n = 0; n < 10; n += 1) ids.push(...(await spec.record(20, n * 20)));
    await Promise.all(ids.map((id) => spec.log.sequenced(id, { timeoutMs: 50_000 })));
    one.abort();
    two.abort();
    await Promise.all(running);
    expect(failures).toEqual([]);
    await expectSoundLogOf(ids);
  });

  it('go on from each other, one standing still while the other works', async () => {
    const [one, two] = [spec.sequencer(), spec.sequencer()];
    const ids: string[] = [];
    for (const [n, sequencer] of [one, two, one, two, two, one].entries()) {
      ids.push(...(await spec.record(40, n * 40)));
      await sequenceAll(sequencer);
    }
    await expectSoundLogOf(ids);
  });
});

describe('a sequencer that dies', () => {
  const deaths: readonly (readonly [string, { database?: Fault; signer?: Fault }])[] = [
    ['while integrating', { database: 'failed' }],
    ['after integrating, before it knows', { database: 'failed but persisted' }],
    ['before the checkpoint is signed', { signer: 'failed' }],
    ['after the checkpoint is signed, before it is stored', { signer: 'failed but persisted' }],
  ];
  for (const successor of ['itself', 'another'])
    it.each(deaths)(
      `%s loses nothing and repeats nothing when ${successor} goes on`,
      async (_, { database, signer }) => {
        const faultyDatabase = new FaultyDatabase(spec.database);
        const faultySigner = new FaultySigner(spec.authority);
        const sequencer = new Sequencer(faultyDatabase, faultySigner, spec.identity);
        const ids = await spec.record(200);
        await sequenceAll(sequencer);
        ids.push(...(await spec.record(100, 200)));
        faultyDatabase.next = database;
        faultySigner.next = signer;
        await expect(sequencer.round()).rejects.toThrow(InjectedFault);
        ids.push(...(await spec.record(100, 300)));
        await sequenceAll(successor === 'itself' ? sequencer : spec.sequencer());
        await expectSoundLogOf(ids);
      },
    );

  it('adopts a checkpoint that was signed and never stored', async () => {
    const faultySigner = new FaultySigner(spec.authority);
    faultySigner.next = 'failed but persisted';
    await spec.record(3);
    await expect(new Sequencer(spec.database, faultySigner, spec.identity).round()).rejects.toThrow(
      InjectedFault,
    );
    expect(await spec.reader.checkpoint()).toBeUndefined();
    await spec.sequencer().round();
    expect(await spec.reader.checkpoint()).toBe(spec.memory.note);
  });

  it('at any moments, any number of times, leaves every acknowledged event in the log exactly once', async () => {
    const fault = fc.constantFrom<Fault | undefined>(undefined, undefined, 'failed', 'failed but persisted');
    const step = fc.record({ events: fc.nat(30), database: fault, signer: fault, restart: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        await spec.reset();
        const faultyDatabase = new FaultyDatabase(spec.database);
        const faultySigner = new FaultySigner(spec.authority);
        const start = (): Sequencer =>
          new Sequencer(faultyDatabase, faultySigner, spec.identity, { batchSize: 11 });
        let sequencer = start();
        const acknowledged: string[] = [];
        const held: string[] = [];
        for (const { events, database, signer, restart } of steps) {
          acknowledged.push(...(await spec.record(events)));
          faultyDatabase.next = database;
          faultySigner.next = signer;
          await sequencer.round().catch((error: unknown) => expect(error).toBeInstanceOf(InjectedFault));
          if (spec.memory.note !== undefined) held.push(spec.memory.note);
          if (restart) sequencer = start();
        }
        faultyDatabase.next = undefined;
        faultySigner.next = undefined;
        await sequenceAll(start());
        await expectSoundLogOf(acknowledged, held);
      }),
      { numRuns: 25 },
    );
  });
});

describe('what is written into the outbox by somebody else', () => {
  it('does not stop the log, and none of it is lost', async () => {
    const [known] = await spec.record(1);
    await spec.grow(0);
    const { event = '' } =
      (await spec.database.client.auditEntry.findUnique({ where: { eventId: known } })) ?? {};
    const intruders = [
      { id: 'a', event: 'not JSON' },
      { id: 'b', event: '{}' },
      { id: 'c', event: '' },
      { id: 'd', event: 'x'.repeat(70_000) },
      { id: known ?? '', event: '{"another":"text"}' },
    ];
    await spec.database.client.auditOutbox.createMany({ data: intruders });
    await sequenceAll(spec.sequencer());
    const rows = await spec.database.client.auditEntry.findMany({ orderBy: { index: 'asc' } });
    expect(rows).toHaveLength(6);
    expect(rows.map((row) => row.event)).toEqual(
      expect.arrayContaining([
        event,
        'not JSON',
        '{}',
        '',
        '{"another":"text"}',
        expect.stringContaining('audit.oversized'),
      ]),
    );
    expect(await verdict()).toMatchObject({ ok: true, size: 6 });
  });

  it('does not stop the log whatever its strings hold: they go into columns and indexes', async () => {
    const nasty = fc.constantFrom('a\0b', '\ud800', 'x'.repeat(9_000), '', "'; --", '\\u0000', '\ufffe');
    const event = fc.record({
      id: fc.uuid(),
      time: fc.constantFrom('0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2026-11-23T10:00:00Z'),
      action: fc.constantFrom('a.b', `a.${'b'.repeat(9_000)}`),
      actor: fc.record({ kind: fc.constant('anonymous'), id: nasty }),
      resource: fc.record({ kind: nasty, id: nasty }),
      organizationId: nasty,
      decision: fc.constantFrom('allow', 'deny'),
    });
    const texts = fc.sample(event, 60).map((sample) => JSON.stringify(sample));
    const rows = texts.map((text, i) => ({ id: `row-${i}`, event: text }));
    await spec.database.client.auditOutbox.createMany({ data: rows });
    await sequenceAll(spec.sequencer());
    const stored = await spec.database.client.auditEntry.findMany({ select: { event: true } });
    expect(stored.map(({ event: text }) => text).toSorted()).toEqual(texts.toSorted());
    const { faults } = await verdict();
    // An intruder's rows have ids of their own, which is all that is wrong with them.
    expect(
      new Set(faults.map(({ code, detail }) => `${code} ${detail.includes('columns eventId of')}`)),
    ).toEqual(new Set(['index_differs true']));
  });

  it('is left out when it repeats a leaf, as a retried write does, and the others of its batch are not', async () => {
    await spec.grow(2);
    const [row] = await spec.database.client.auditEntry.findMany({ take: 1 });
    await spec.database.client.auditOutbox.create({
      data: { id: row?.eventId ?? '', event: row?.event ?? '' },
    });
    await spec.record(2);
    await sequenceAll(spec.sequencer());
    expect(await storedIds()).toHaveLength(4);
    expect(await spec.reader.backlog()).toMatchObject({ waiting: 0 });
  });
});

describe('an outbox that changes under the hands of the sequencer', () => {
  it.each([
    ['a text', `UPDATE "AuditOutbox" SET event = replace(event, 'Ada', 'Eve')`],
    ['a row that is gone', `DELETE FROM "AuditOutbox" WHERE id = (SELECT min(id) FROM "AuditOutbox")`],
  ])('is not integrated with %s', async (_, change) => {
    await spec.reset();
    await spec.record(3);
    const claimed = await new PrismaLogStore(spec.database.client).waiting(10);
    const rows = claimed.map((event, i) => entryRow(i, event.event, event));
    const integrating = spec.database.transaction(async (tx) => {
      await tx.$executeRawUnsafe(change);
      await new PrismaLogStore(tx).integrate(claimed, rows);
    });
    await expect(integrating).rejects.toMatchObject({ code: 'log_incomplete' });
    expect(await spec.reader.backlog()).toMatchObject({ waiting: 3 });
  });

  it('is claimed in parts when its texts are long', async () => {
    await spec.reset();
    const long = { ...numbered(0), details: { text: 'x'.repeat(60_000) } };
    await Promise.all(Array.from({ length: 150 }, () => spec.log.appendDurably(long)));
    const claimed = await new PrismaLogStore(spec.database.client).waiting(1_000);
    expect(claimed.length).toBeGreaterThan(100);
    expect(claimed.length).toBeLessThan(150);
    await sequenceAll(spec.sequencer());
    expect(await verifyStoredLog(spec.database, spec.identity)).toEqual({ ok: true, size: 150, faults: [] });
  });
});

describe('a sequencer that finds another log than the signed one', () => {
  const refusal = async (): Promise<unknown> => {
    await spec.record(1, 999);
    return spec
      .sequencer()
      .round()
      .then(
        () => undefined,
        (error: unknown) => error,
      );
  };
  const fork = { code: 'audit_fork_detected' };

  it('stops when signed leaves are gone', async () => {
    await spec.grow(10);
    await spec.database.client.auditEntry.deleteMany({ where: { index: { gte: 8 } } });
    expect(await refusal()).toMatchObject(fork);
  });

  it('stops when it is running and signed leaves go', async () => {
    const sequencer = spec.sequencer();
    await spec.record(10);
    await sequenceAll(sequencer);
    await spec.database.client.auditEntry.deleteMany({ where: { index: { gte: 8 } } });
    await spec.record(1);
    await expect(sequenceAll(sequencer)).rejects.toMatchObject(fork);
  });

  it('stops when the tiles at the edge were changed', async () => {
    await spec.grow(10);
    await spec.database.client.auditTile.updateMany({ data: { hashes: Buffer.alloc(320, 7) } });
    expect(await refusal()).toMatchObject(fork);
    // Nothing was built on the changed tree: the event still waits.
    expect(await spec.reader.backlog()).toMatchObject({ waiting: 1, unsigned: 0 });
  });

  it('stops when a tile that the proof needs was changed', async () => {
    const sequencer = spec.sequencer();
    await spec.record(300);
    await sequenceAll(sequencer);
    await spec.database.client.auditTile.updateMany({
      where: { level: 0, index: 1 },
      data: { hashes: Buffer.alloc(32) },
    });
    await spec.record(1);
    // The tile is written anew from memory, so what was signed goes on; a successor that has no memory stops.
    await sequenceAll(sequencer);
    await spec.database.client.auditTile.updateMany({
      where: { level: 0, index: 1 },
      data: { hashes: Buffer.alloc(32) },
    });
    expect(await refusal()).toMatchObject(fork);
  });

  it('stops when the stored checkpoint is another one of the same size', async () => {
    await spec.grow(10);
    await spec.database.client.auditCheckpoint.updateMany({ data: { note: 'forged' } });
    expect(await refusal()).toMatchObject(fork);
  });

  it('stops when a checkpoint is stored that the signer never signed', async () => {
    await spec.grow(10);
    await spec.database.client.auditCheckpoint.create({ data: { size: 11n, note: 'forged' } });
    expect(await refusal()).toMatchObject(fork);
  });

  it('stops when the signer has forgotten', async () => {
    await spec.grow(10);
    spec.memory.note = undefined;
    expect(await refusal()).toMatchObject(fork);
  });

  it('stops when the signer answers for another log', async () => {
    await spec.grow(10);
    spec.memory.note = spec.memory.note?.replaceAll('audit/spec', 'audit/else');
    expect(await refusal()).toMatchObject(fork);
  });

  it('ends its run with the refusal', async () => {
    await spec.grow(10);
    await spec.database.client.auditEntry.deleteMany();
    const failures: unknown[] = [];
    const running = spec
      .sequencer({ onFailure: (error) => failures.push(error) })
      .run(new AbortController().signal);
    await expect(running).rejects.toMatchObject(fork);
    expect(failures).toHaveLength(1);
  });
});
