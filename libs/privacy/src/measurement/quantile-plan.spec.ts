import { rational } from '@castellan/differential-privacy';
import fc from 'fast-check';
import type { NumberColumn } from '../declaration/protected-table.js';
import { quantileScores } from './quantile-plan.js';
import { gridOf, valueAt } from './value-grid.js';

const counts = fc.array(fc.bigInt({ min: 0n, max: 9n }), { minLength: 1, maxLength: 30 });
const probabilities = fc
  .integer({ min: 1, max: 999 })
  .map((thousandths) => rational(BigInt(thousandths), 1000n));

describe('the scores of a quantile', () => {
  it('are best at the value that has the right share of rows below it', () => {
    expect(quantileScores(rational(1n, 2n), [1n, 0n, 2n, 1n, 1n])).toEqual([-3n, -3n, 0n, -1n, -3n]);
    expect(quantileScores(rational(9n, 10n), [5n, 5n])).toEqual([-40n, 0n]);
    expect(quantileScores(rational(1n, 2n), [0n, 0n])).toEqual([0n, 0n]);
  });

  it('have a best one, which is 0', () => {
    fc.assert(
      fc.property(counts, probabilities, (rows, probability) => {
        const scores = quantileScores(probability, rows);
        expect(scores.some((score) => score === 0n)).toBe(true);
        expect(scores.every((score) => score <= 0n)).toBe(true);
      }),
    );
  });

  it('move by at most max(a, b − a) when a row comes or goes', () => {
    fc.assert(
      fc.property(counts, probabilities, fc.nat(), (rows, probability, at) => {
        const more = rows.map((count, i) => (i === at % rows.length ? count + 1n : count));
        const { numerator: a, denominator: b } = probability;
        const most = a > b - a ? a : b - a;
        const scores = quantileScores(probability, rows);
        quantileScores(probability, more).forEach((score, i) => {
          const moved = score - (scores[i] ?? 0n);
          expect(moved <= most && -moved <= most).toBe(true);
        });
      }),
    );
  });
});

describe('a grid over declared bounds', () => {
  it('is fine enough: no value is further from its point than half a step, and no point is beyond the bounds', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n }),
        fc.bigInt({ min: 1n, max: 2n ** 50n }),
        fc.bigInt({ min: 2n, max: 2n ** 23n }),
        fc.bigInt({ min: 0n, max: 1000n }),
        (lower, range, points, at) => {
          const column: NumberColumn = {
            kind: 'number',
            name: 'x',
            decimals: 0,
            lower,
            upper: lower + range,
          };
          const grid = gridOf(column, points);
          expect(grid.last < points).toBe(true);
          const value = lower + (range * at) / 1000n;
          const point = (value - lower + grid.step / 2n) / grid.step;
          expect(point <= grid.last).toBe(true);
          const distance = valueAt(grid, point, column) - value;
          expect((distance < 0n ? -distance : distance) * 2n <= grid.step).toBe(true);
          expect(valueAt(grid, grid.last, column) <= column.upper).toBe(true);
        },
      ),
    );
  });
});
