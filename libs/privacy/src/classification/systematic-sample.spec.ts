import { describe, expect, it } from '@jest/globals';
import { SystematicSample } from './systematic-sample.js';

describe('a systematic sample', () => {
  it.each([0, 1, 9, 10, 19, 20, 21, 1_000, 12_345])(
    'of %d rows is spread evenly over all of them',
    (total) => {
      const sample = new SystematicSample<number>(10);
      for (let row = 0; row < total; row++) sample.add(row);
      const { rows } = sample;
      expect(sample.seen).toBe(total);
      expect(rows.length).toBeGreaterThanOrEqual(Math.min(total, 10));
      expect(rows.length).toBeLessThan(20);
      const gaps = new Set(rows.slice(1).map((row, at) => row - (rows[at] ?? 0)));
      expect(gaps.size).toBeLessThanOrEqual(1);
    },
  );
});
