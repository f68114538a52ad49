import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SpecLog, sequenceAll } from '../testing/spec-log.js';
import { type AuditSearch, SearchIndex } from '../index.js';
import { wordsOf } from './search-terms.js';

const LEAVES = 600;

let spec: SpecLog;
beforeAll(async () => {
  spec = await SpecLog.open();
  await spec.grow(LEAVES);
  const index = new SearchIndex(spec.database);
  while ((await index.round()) > 0);
});
afterAll(() => spec.close());

const numbers = async (search: Partial<AuditSearch>): Promise<number[]> => {
  const { records } = await spec.reader.search({ limit: 500, ...search });
  return records.map(({ event }) => Number(JSON.parse(event).details.n)).sort((a, b) => a - b);
};
const where = (predicate: (n: number) => boolean): number[] =>
  Array.from({ length: LEAVES }, (_, n) => n).filter(predicate);

describe('a search over indexed and unindexed leaves', () => {
  it('has an index of the full ranges only', async () => {
    expect(await spec.database.client.auditSearchRange.count()).toBe(2);
  });

  const inFive = { organizationId: 'org-5' };
  it.each<[string, Partial<AuditSearch>, (n: number) => boolean]>([
    ['an organization', inFive, (n) => n % 5 === 0],
    ['an actor', { ...inFive, actorId: 'person-2' }, (n) => n % 15 === 5],
    ['an action', { ...inFive, action: 'version.finalized' }, (n) => n % 10 === 0],
    ['the first word of an action', { ...inFive, action: 'key' }, (n) => n % 10 === 5],
    ['a resource', { ...inFive, resourceId: 'version-75' }, (n) => n === 75],
    ['a decision', { ...inFive, decision: 'deny' }, (n) => n % 35 === 0],
    [
      'all of them',
      { ...inFive, decision: 'deny', action: 'key', actorId: 'person-2' },
      (n) => n % 210 === 35,
    ],
    ['the beginning of a word', { ...inFive, text: 'VERSION-55' }, (n) => n === 55 || n === 550 || n === 555],
    ['words of any organization', { text: 'version-77' }, (n) => n === 77],
  ])('finds exactly the events of %s', async (_, search, predicate) => {
    expect(await numbers(search)).toEqual(where(predicate));
  });

  it('finds by time from the index as well', async () => {
    const times = await spec.database.client.auditEntry.findMany({
      orderBy: { index: 'asc' },
      select: { occurredAt: true },
    });
    const [from, to] = [times[0]?.occurredAt ?? new Date(0), new Date(Date.now() + 1_000)];
    expect(await numbers({ ...inFive, from, to })).toHaveLength(120);
    expect(await numbers({ ...inFive, to: from })).toEqual([]);
  });

  it('finds what was written in Chinese by two characters of it', async () => {
    expect(wordsOf('密钥已释放')).toEqual(['密钥', '钥已', '已释', '释放']);
    await spec.log.appendDurably({
      action: 'key.released',
      actor: { kind: 'process' },
      decision: 'allow',
      reason: '值班经理批准',
    });
    await sequenceAll(spec.sequencer());
    expect((await spec.reader.search({ limit: 5, text: '经理' })).records).toHaveLength(1);
  });

  it('takes nothing in a search for a query of its own', async () => {
    for (const text of ["'", "a' | 'b", '\\', ':*', '&', '!version'])
      expect(Array.isArray(await numbers({ text }))).toBe(true);
    expect(await numbers({ ...inFive, actorId: "x' | 'y" })).toEqual([]);
  });

  it('answers after bounded work with a short page, and finds the one leaf when asked to go on', async () => {
    // Two words that every range has and only leaf 0 has side by side would be searched for in all of them.
    const pages: number[] = [];
    let before: bigint | undefined;
    do {
      const page = await spec.reader.search({
        limit: 10,
        text: 'version-0',
        ...(before === undefined ? {} : { before }),
      });
      pages.push(page.records.length);
      before = page.next === undefined ? undefined : BigInt(page.next);
    } while (before !== undefined);
    expect(pages.reduce((sum, each) => sum + each)).toBe(1);
  });
});

describe('the index', () => {
  it('cuts ranges of long events until their terms fit, and leaves none out', async () => {
    const long = await SpecLog.open();
    try {
      for (let n = 0; n < 256; n++)
        await long.log.appendDurably({
          action: 'long.event',
          actor: { kind: 'process' },
          decision: 'allow',
          organizationId: 'o',
          reason: Array.from({ length: 900 }, (_, i) => `w${n}x${i}`).join(' '),
        });
      await sequenceAll(long.sequencer());
      expect(await new SearchIndex(long.database).round()).toBe(256);
      expect(await long.database.client.auditSearchRange.count()).toBeGreaterThan(1);
      for (const n of [0, 100, 255])
        expect(
          (await long.reader.search({ organizationId: 'o', text: `w${n}x899`, limit: 9 })).records,
        ).toHaveLength(1);
    } finally {
      await long.close();
    }
  }, 60_000);

  it('is made by one process at a time, and by two together without a range twice', async () => {
    const two = await SpecLog.open();
    try {
      await two.grow(700);
      const indexes = [new SearchIndex(two.database), new SearchIndex(two.database)];
      await Promise.all(
        indexes.map(async (index) => {
          for (let round = 0; round < 4; round++) await index.round();
        }),
      );
      for (const index of indexes) while ((await index.round()) > 0);
      const ranges = await two.database.client.auditSearchRange.findMany({
        select: { begin: true, end: true },
        orderBy: { begin: 'asc' },
      });
      expect(ranges).toEqual([
        { begin: 0n, end: 256n },
        { begin: 256n, end: 512n },
      ]);
    } finally {
      await two.close();
    }
  });
});
