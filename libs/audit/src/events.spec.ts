import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { admitEvents } from './admit-events.js';
import { EventIds } from './event-id.js';
import { GroupCommit } from './group-commit.js';
import { defineEvents, details, readRecordedEvent } from './index.js';

describe('defineEvents', () => {
  const events = defineEvents({
    'version.finalized': { meaning: 'Files were fixed.', details: details<{ files: number }>() },
    'version.abandoned': { meaning: 'An upload was given up.' },
  });
  const fields = { actor: { kind: 'process', name: 'jobs' }, decision: 'allow' } as const;

  it('makes events of its kinds, with their details', () => {
    expect(events.event('version.finalized', { ...fields, details: { files: 3 } })).toEqual({
      ...fields,
      action: 'version.finalized',
      details: { files: 3 },
    });
    expect(events.event('version.abandoned', fields)).toEqual({ ...fields, action: 'version.abandoned' });
  });

  it('does not compile for a misspelt action, a missing detail or a needless one', () => {
    // @ts-expect-error no such action
    expect(events.event('version.finalised', fields)).toBeDefined();
    // @ts-expect-error its details are missing
    expect(events.event('version.finalized', fields)).toBeDefined();
    // @ts-expect-error it has no details
    expect(events.event('version.abandoned', { ...fields, details: { files: 3 } })).toBeDefined();
  });

  it('tells what each kind means', () => {
    expect(events.meanings.get('version.abandoned')).toBe('An upload was given up.');
  });

  it('refuses a name that is not an action when the module loads', () => {
    expect(() => defineEvents({ Finalized: { meaning: '' } })).toThrow(TypeError);
  });
});

describe('event ids', () => {
  it('are UUIDs of version 7 that rise, whatever the clock does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true })),
        (times) => {
          const ids = new EventIds();
          const made = times.map((time) => ids.next(time));
          expect(made).toEqual(made.toSorted());
          for (const id of made)
            expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        },
      ),
    );
  });

  it('rise through more than 4,096 in one millisecond', () => {
    const ids = new EventIds();
    const now = new Date('2026-11-23T10:00:00Z');
    const made = Array.from({ length: 10_000 }, () => ids.next(now));
    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(10_000);
    expect(Number.parseInt(made[0]?.replaceAll('-', '').slice(0, 12) ?? '', 16)).toBe(now.getTime());
  });
});

describe('reading a leaf', () => {
  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) =>
        expect(readRecordedEvent(text)).toBeUndefined(),
      ),
    );
  });
});

describe('admitting events', () => {
  const at = new Date(0);
  const row = (id: string, event: string) => ({ id, event, createdAt: at });

  it('keeps every text once, under an id that is free', () => {
    const claimed = [
      { ...row('a', 'A'), recorded: 'A' },
      { ...row('b', 'other'), recorded: 'B' },
      row('c', 'C'),
    ];
    expect(admitEvents(claimed, () => 'new')).toMatchObject([row('new', 'other'), row('c', 'C')]);
  });

  it('represents a text that is too long by its digest', () => {
    const [admitted] = admitEvents([row('a', 'x'.repeat(65_536))], () => 'new');
    expect(JSON.parse(admitted?.event ?? '')).toMatchObject({
      action: 'audit.oversized',
      id: 'a',
      details: { sizeBytes: 65_536, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});

describe('a group commit', () => {
  it('gathers what comes while a batch is being committed, and keeps to its limit', async () => {
    const batches: number[][] = [];
    const group = new GroupCommit<number>(async (items) => {
      batches.push([...items]);
      await new Promise(setImmediate);
    }, 3);
    const first = [1, 2].map((n) => group.write(n));
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    const later = [3, 4, 5, 6].map((n) => group.write(n));
    expect(group.pending).toBeGreaterThanOrEqual(4);
    await Promise.all([...first, ...later]);
    expect(batches).toEqual([[1, 2], [3, 4, 5], [6]]);
    expect(group.pending).toBe(0);
  });

  it('tells the writers of a failed batch, and them only', async () => {
    let failing = true;
    const group = new GroupCommit<number>(async () => {
      if (failing) throw new RangeError('disk full');
    }, 10);
    const failed = await Promise.allSettled([group.write(1), group.write(2)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    failing = false;
    await expect(group.write(3)).resolves.toBeUndefined();
  });
});
