import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultyDatabase, FaultySigner } from './testing/faults.js';
import { numbered, sequenceAll, SpecLog } from './testing/spec-log.js';
import { AuditLog, readRecordedEvent, Sequencer, type AuditEvent } from './index.js';

let spec: SpecLog;
beforeAll(async () => {
  spec = await SpecLog.open();
});
afterAll(() => spec.close());

const outbox = (id: string): Promise<{ event: string } | null> =>
  spec.database.client.auditOutbox.findUnique({ where: { id }, select: { event: true } });

const event: AuditEvent = {
  action: 'version.finalized',
  actor: { kind: 'person', id: '17', name: 'Ada', credentialId: undefined },
  resource: { kind: 'version', id: 'v1', digest: undefined },
  decision: 'allow',
  reason: undefined,
  details: { files: 3, ünï: ['code', null, true] },
};

describe('append', () => {
  it('records canonical JSON with an id and the time of the given clock', async () => {
    const log = new AuditLog(spec.database, { now: () => new Date('2026-11-23T10:00:00.123Z') });
    const id = await spec.database.transaction((tx) => log.append(tx, event));
    expect((await outbox(id))?.event).toBe(
      '{"action":"version.finalized","actor":{"id":"17","kind":"person","name":"Ada"},"decision":"allow",' +
        `"details":{"files":3,"ünï":["code",null,true]},"id":"${id}","resource":{"id":"v1","kind":"version"},` +
        '"time":"2026-11-23T10:00:00.123Z"}',
    );
  });

  it('shares the fate of the transaction', async () => {
    let id = '';
    const change = spec.database.transaction(async (tx) => {
      id = await spec.log.append(tx, event);
      throw new RangeError('the change failed');
    });
    await expect(change).rejects.toThrow('the change failed');
    expect(await outbox(id)).toBeNull();
  });

  it.each([
    ['an action that is no noun.verb', { ...event, action: 'Finalized' }, 'event_malformed'],
    ['a lone surrogate', { ...event, reason: '\ud800' }, 'event_malformed'],
    ['a number that JSON cannot say', { ...event, details: { n: NaN } }, 'event_malformed'],
    ['more than an entry holds', { ...event, reason: 'x'.repeat(65_500) }, 'event_too_long'],
  ])('refuses %s', async (_, bad, code) => {
    await expect(spec.database.transaction((tx) => spec.log.append(tx, bad))).rejects.toMatchObject({ code });
    await expect(spec.log.appendDurably(bad)).rejects.toMatchObject({ code });
  });

  it('keeps every character that a JSON string can hold', async () => {
    const reason = 'a\0b\u0001"\\\u2028\ufffe😀\u007f';
    const id = await spec.log.appendDurably({ ...event, reason });
    expect(readRecordedEvent((await outbox(id))?.event ?? '')?.reason).toBe(reason);
  });

  it('is read back as what was recorded', async () => {
    const id = await spec.log.appendDurably(numbered(3));
    expect(readRecordedEvent((await outbox(id))?.event ?? '')).toEqual({
      ...numbered(3),
      id,
      time: expect.stringMatching(/Z$/),
    });
  });
});

describe('appendDurably', () => {
  it('has committed when it resolves', async () => {
    const id = await spec.log.appendDurably(event);
    expect(await outbox(id)).not.toBeNull();
  });

  it('shares commits among many, and records each once', async () => {
    const before = await spec.database.client.auditOutbox.count();
    const ids = await spec.record(2_500);
    expect(new Set(ids).size).toBe(2_500);
    expect(await spec.database.client.auditOutbox.count()).toBe(before + 2_500);
  });

  it('rejects when the database does, and works again after', async () => {
    const unreachable = new AuditLog(
      new (class extends FaultyDatabase {
        override get client(): never {
          throw new RangeError('no database');
        }
      })(spec.database),
    );
    await expect(
      Promise.all([unreachable.appendDurably(event), unreachable.appendDurably(event)]),
    ).rejects.toThrow('no database');
    await expect(unreachable.appendDurably(event)).rejects.toThrow('no database');
  });
});

describe('sequenced', () => {
  it('gives up after the time it was given, and says that the event is safe', async () => {
    const id = await spec.log.appendDurably(event);
    await expect(spec.log.sequenced(id, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'event_not_sequenced',
      kind: 'unavailable',
      meta: { eventId: id },
    });
  });

  it('answers everybody who waits, each for their own event', async () => {
    const ids = await spec.record(20);
    const waiting = Promise.all([...ids, ...ids].map((id) => spec.log.sequenced(id)));
    await sequenceAll(spec.sequencer());
    const indexes = (await waiting).map(({ index }) => index);
    expect(new Set(indexes).size).toBe(20);
    expect(indexes.slice(0, 20)).toEqual(indexes.slice(20));
  });

  it('does not take an integrated leaf for a signed one', async () => {
    await sequenceAll(spec.sequencer());
    const id = await spec.log.appendDurably(event);
    const signer = new FaultySigner(spec.authority);
    signer.next = 'failed';
    await expect(new Sequencer(spec.database, signer, spec.identity).round()).rejects.toThrow();
    expect(await spec.database.client.auditEntry.count({ where: { eventId: id } })).toBe(1);
    await expect(spec.log.sequenced(id, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'event_not_sequenced',
    });
  });
});
