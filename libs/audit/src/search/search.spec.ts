import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entryRow } from '../entry-row.js';
import { SpecLog, sequenceAll } from '../testing/spec-log.js';
import { type AuditSearch, SearchIndex, verifyStoredLog } from '../index.js';
import { rangeQuery, termsOf, wordsOf } from './search-terms.js';

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
          reason: Array.from({ length: 450 }, (_, i) => `w${n}x${i}`).join(' '),
        });
      await sequenceAll(long.sequencer());
      expect(await new SearchIndex(long.database).round()).toBe(256);
      expect(await long.database.client.auditSearchRange.count()).toBeGreaterThan(1);
      for (const n of [0, 100, 255])
        expect(
          (await long.reader.search({ organizationId: 'o', text: `w${n}x449`, limit: 9 })).records,
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

describe('a search for the beginning of a word', () => {
  it.each([
    ['digits-0', "'^digits' & '^0'"],
    ['finali', "'^finali'"],
    ['finalized', "'^finalize'"],
    ['released ada', "'^released' & '^ada'"],
    ['0199a3c4-0000', "'^0199a3c4'"],
    ['0199a3c4-0000-7000-8000-00000000012c', "'0199a3c4-0000-7000-8000-00000000012c'"],
    ['5e884898da28047151d0e56f8dc62927', "'^5e884898'"],
    ['密钥', "'^密钥'"],
  ])('%s asks the index for single terms, however many words begin so', (text, terms) => {
    expect(rangeQuery({ text })).toBe(terms);
  });

  it('finds identifiers and digests from their eighth character on, and every word from its first', async () => {
    const found = async (text: string) => {
      const { records } = await spec.reader.search({ organizationId: 'org-1', text, limit: 500 });
      return records.map(({ index }) => Number(index));
    };
    const { eventId } = await spec.database.client.auditEntry.findUniqueOrThrow({ where: { index: 7 } });
    expect(await found(eventId)).toEqual([7]);
    expect(await found(eventId.slice(0, 8))).toContain(7);
    for (const text of ['v', 've', 'versio', 'version', 'finali', 'finalize', 'FINALIZED'])
      expect((await found(text)).length).toBeGreaterThan(0);
  });
});

describe('the terms of a leaf', () => {
  const part = fc.oneof(
    fc.uuid(),
    fc.uuid({ version: 7 }),
    fc.stringMatching(/^[0-9a-f]{9,64}$/),
    fc.stringMatching(/^[a-z]{1,14}$/),
    fc.nat().map(String),
    fc.constantFrom('密钥已释放', 'Ünïcode', '𝒜𝒷', 'a.b-c', '12345678-9'),
  );
  const reason = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(' '));

  it('are those that a search asks for which begins at one of its words and ends anywhere', () => {
    fc.assert(
      fc.property(reason, fc.nat(), fc.nat(), (text, from, length) => {
        const starts = [0, ...[...text.matchAll(/ /g)].map(({ index }) => index + 1)];
        const start = starts[from % starts.length] ?? 0;
        const asked = text.slice(start, start + 1 + (length % (text.length - start)));
        // Identifiers and digests have no shorter beginnings than eight characters.
        fc.pre(asked.isWellFormed() && !/(?:^|[^\p{L}\p{N}])[0-9a-f]{1,7}$/u.test(asked));
        const event = JSON.stringify({ reason: text });
        const has = termsOf([entryRow(0, event, { id: 'x', createdAt: new Date(0) })]);
        const wanted = [...(rangeQuery({ text: asked }) ?? '').matchAll(/'([^']+)'/g)].map(
          ([, term]) => term ?? '',
        );
        expect({ asked, missing: wanted.filter((term) => !has.has(term)) }).toEqual({ asked, missing: [] });
      }),
      { numRuns: 400 },
    );
  });
});

describe('an index that hides leaves from searches', () => {
  const indexed = (n: number) => `leaves ${n} to ${n + 255}`;
  const hiding = (statement: string) =>
    spec.database
      .transaction(async (tx) => {
        await tx.$executeRawUnsafe(statement);
        const inside = { ...spec.database, client: tx } as unknown as typeof spec.database;
        const { faults } = await verifyStoredLog(inside, spec.identity);
        throw new Found(faults.map(({ code, detail }) => `${code}: ${detail}`));
      })
      .catch((error: unknown) => {
        if (error instanceof Found) return error.faults;
        throw error;
      });
  class Found extends Error {
    constructor(readonly faults: readonly string[]) {
      super('rolled back');
    }
  }

  it.each([
    ['without a term', `UPDATE "AuditSearchRange" SET terms = ts_delete(terms, '^ada') WHERE "begin" = 0`],
    [
      'with a term too many',
      `UPDATE "AuditSearchRange" SET terms = terms || array_to_tsvector('{x1}') WHERE "begin" = 0`,
    ],
    ['with another time', `UPDATE "AuditSearchRange" SET "lastAt" = '2001-01-01' WHERE "begin" = 0`],
    ['that is gone', `DELETE FROM "AuditSearchRange" WHERE "begin" = 0`],
  ])('a range %s is found when the stored log is verified', async (_, statement) => {
    const faults = await hiding(statement);
    expect(faults.length).toBe(1);
    expect(faults[0]).toMatch(new RegExp(`^index_differs: .*${indexed(0)}`));
  });

  it('a range that claims leaves that it does not describe is found', async () => {
    const [fault] = await hiding(`UPDATE "AuditSearchRange" SET "end" = 600 WHERE "begin" = 256`);
    expect(fault).toMatch(/^index_differs: .*leaves 256 to 599/);
  });

  it('as it was made, is sound', async () => {
    expect((await verifyStoredLog(spec.database, spec.identity)).faults).toEqual([]);
  });
});
