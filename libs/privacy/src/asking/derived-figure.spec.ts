import fc from 'fast-check';
import type { NumberColumn } from '../declaration/protected-table.js';
import { centredGridOf } from '../measurement/centred-grid.js';
import { averageOf, rootOf, varianceOf } from './derived-figure.js';

const column: NumberColumn = { kind: 'number', name: 'x', decimals: 1, lower: -10n, upper: 101n };
const grid = centredGridOf(column);

/** The exact integers of some rows, in tenths, as if released without noise. */
function momentsOf(rows: readonly bigint[], halfWidth = 0n) {
  const points = rows.map((row) => row - column.lower - grid.centre);
  const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
  return {
    count: { noisy: BigInt(rows.length), halfWidth },
    centred: { noisy: sum(points), halfWidth: halfWidth * grid.reach },
    squares: { noisy: sum(points.map((point) => point * point)), halfWidth: halfWidth * grid.reach ** 2n },
  };
}

function plainly(rows: readonly bigint[]) {
  const values = rows.map((row) => Number(row) / 10);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}

const someRows = fc.array(fc.bigInt({ min: column.lower, max: column.upper }), {
  minLength: 2,
  maxLength: 50,
});

describe('an average, a variance and a deviation', () => {
  it('are what a person would work out, when there is no noise', () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const { mean, variance } = plainly(rows);
        const moments = momentsOf(rows);
        expect(averageOf(moments, grid, column).value).toBeCloseTo(mean, 9);
        expect(varianceOf(moments, grid, column).value).toBeCloseTo(variance, 6);
        expect(rootOf(varianceOf(moments, grid, column)).value).toBeCloseTo(Math.sqrt(variance), 6);
      }),
    );
  });

  it('lie in an interval that holds the exact figure whenever the parts are within their half widths', () => {
    const off = fc.bigInt({ min: -100n, max: 100n });
    fc.assert(
      fc.property(someRows, fc.bigInt({ min: 0n, max: 20n }), off, off, off, (rows, width, a, b, c) => {
        const exact = momentsOf(rows, width);
        const shifted = (part: { noisy: bigint; halfWidth: bigint }, percent: bigint) => ({
          ...part,
          noisy: part.noisy + (part.halfWidth * percent) / 100n,
        });
        const noisy = {
          count: shifted(exact.count, a),
          centred: shifted(exact.centred, b),
          squares: shifted(exact.squares, c),
        };
        const { mean, variance } = plainly(rows);
        const average = averageOf(noisy, grid, column);
        const spread = varianceOf(noisy, grid, column);
        for (const [exactly, { value, interval }] of [
          [mean, average],
          [variance, spread],
        ] as const) {
          expect(interval[0]).toBeLessThanOrEqual(exactly + 1e-6);
          expect(interval[1]).toBeGreaterThanOrEqual(exactly - 1e-6);
          expect(value).toBeGreaterThanOrEqual(interval[0] - 1e-9);
          expect(value).toBeLessThanOrEqual(interval[1] + 1e-9);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('stay within the declared bounds and are finite whatever the noise', () => {
    const wild = fc.record({
      noisy: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      halfWidth: fc.constant(40n),
    });
    fc.assert(
      fc.property(wild, wild, wild, (count, centred, squares) => {
        const average = averageOf({ count, centred }, grid, column);
        const { value, interval } = varianceOf({ count, centred, squares }, grid, column);
        for (const figure of [average.value, ...average.interval]) {
          expect(figure).toBeGreaterThanOrEqual(-1);
          expect(figure).toBeLessThanOrEqual(10.1);
        }
        for (const figure of [value, ...interval]) {
          expect(figure).toBeGreaterThanOrEqual(0);
          expect(figure).toBeLessThanOrEqual(11.1 ** 2 / 2 + 1e-9);
        }
      }),
    );
  });

  it('of no rows are figures like any other', () => {
    const nothing = momentsOf([], 20n);
    expect(averageOf(nothing, grid, column)).toEqual({ value: 4.5, interval: [-1, 10.1] });
    expect(varianceOf(nothing, grid, column).value).toBe(0);
  });
});
