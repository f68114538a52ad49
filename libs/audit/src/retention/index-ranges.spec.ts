import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig } from '@castellan/config';
import { eventClassOf, legalMinima } from './event-class.js';
import { formatRanges, indexesOf, IndexSet, parseRanges, rangesOf } from './index-ranges.js';
import { retentionConfig } from './retention.config.js';

const rising = fc.uniqueArray(fc.nat(2_000)).map((list) => list.toSorted((a, b) => a - b));

describe('ranges of leaves', () => {
  it('say exactly the indexes that they were made of, also as text', () => {
    fc.assert(
      fc.property(rising, (indexes) => {
        const ranges = rangesOf(indexes);
        expect(indexesOf(ranges)).toEqual(indexes);
        if (indexes.length > 0) expect(parseRanges(formatRanges(ranges))).toEqual(ranges);
      }),
    );
  });

  it('are found in a set that was made of overlapping ones in any order', () => {
    fc.assert(
      fc.property(fc.array(rising, { maxLength: 4 }), (lists) => {
        const set = new IndexSet(lists.flatMap(rangesOf));
        const all = new Set(lists.flat());
        for (let index = 0; index <= 2_001; index += 1) expect(set.has(index)).toBe(all.has(index));
      }),
      { numRuns: 30 },
    );
  });

  it.each(['', '1,', '-1', '2-1', '1-1', '1,2', '1-3,3', '5,1', '01', '1 ,3', '1-2-3', '1e3'])(
    'are not read from %j',
    (text) => {
      expect(parseRanges(text)).toBeUndefined();
    },
  );
});

describe('classes of events', () => {
  it('go by the noun of the action; what the log says of itself is of none', () => {
    expect(
      ['prediction.served', 'session.opened', 'privacy.released', 'key.released', 'whatever.done'].map(
        eventClassOf,
      ),
    ).toEqual(['predictions', 'access', 'privacy', 'governance', 'governance']);
    expect([eventClassOf('audit.payloads-expired'), eventClassOf('log.succeeded')]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('have the legal minima unless the settings say otherwise, and say so when they cannot be read', () => {
    const read = (text?: string) =>
      loadConfig({ retention: retentionConfig }, text === undefined ? {} : { AUDIT_RETENTION_MINIMUM: text })
        .retention.retentionMinima;
    expect(read()).toEqual(legalMinima);
    expect(read('predictions=400, access=7')).toEqual({ ...legalMinima, predictions: 400, access: 7 });
    for (const text of ['predictions', 'predictions=-1', 'fun=3', 'predictions=x'])
      expect(() => read(text)).toThrow(/AUDIT_RETENTION_MINIMUM/);
  });
});
