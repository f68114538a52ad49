import { complementaryError, logComplementaryError, scaledComplementaryError } from './error-function.js';
import { logAdd, logGamma, logSubtract } from './log-sum.js';
import { normalCumulative, normalQuantile } from './normal.js';

/** From the 50-digit values of mpmath. */
const ERFC: readonly (readonly [number, number])[] = [
  [-3, 1.9999779095030014],
  [-1.2, 1.9103139782296354],
  [-1, 1.8427007929497149],
  [-0.5, 1.5204998778130465],
  [0, 1.0],
  [0.1, 0.8875370839817151],
  [0.5, 0.47950012218695346],
  [0.9, 0.20309178757716786],
  [1, 0.15729920705028513],
  [1.0001, 0.15725770045147967],
  [1.5, 0.033894853524689273],
  [2, 0.0046777349810472658],
  [3, 2.2090496998585441e-5],
  [5, 1.5374597944280349e-12],
  [10, 2.0884875837625448e-45],
  [20, 5.3958656116079009e-176],
];

describe('the error function', () => {
  it.each(ERFC)('at %d is %d', (x, expected) => {
    expect(Math.abs(complementaryError(x) / expected - 1)).toBeLessThan(1e-13);
    expect(Math.abs(logComplementaryError(x) - Math.log(expected))).toBeLessThan(1e-12);
    expect(Math.abs((scaledComplementaryError(x) * Math.exp(-x * x)) / expected - 1)).toBeLessThan(1e-13);
  });

  it('has a logarithm where it is too small itself', () => {
    expect(complementaryError(40)).toBe(0);
    expect(logComplementaryError(40)).toBeCloseTo(-1604.2615566532736, 9);
  });
});

describe('the normal distribution', () => {
  it('has the quantiles of the tables', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
    expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 12);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 15);
  });

  it('inverts itself', () => {
    for (const x of [-8, -3, -0.1, 0, 0.5, 2]) expect(normalQuantile(normalCumulative(x))).toBeCloseTo(x, 12);
  });
});

describe('sums of logarithms', () => {
  it('add and subtract what would overflow or underflow', () => {
    expect(logAdd(1000, 1000)).toBeCloseTo(1000 + Math.LN2, 12);
    expect(logAdd(-Infinity, -2000)).toBe(-2000);
    expect(logAdd(Math.log(2), Math.log(3))).toBeCloseTo(Math.log(5), 14);
    expect(logSubtract(Math.log(5), Math.log(3))).toBeCloseTo(Math.log(2), 14);
    expect(logSubtract(-2000, -Infinity)).toBe(-2000);
  });

  it('know the factorials, and the halves between them', () => {
    let factorial = 0;
    for (let n = 1; n < 200; n += 1) {
      expect(Math.abs(logGamma(n) - factorial)).toBeLessThan(1e-13 * Math.max(1, factorial));
      factorial += Math.log(n);
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14);
    expect(logGamma(100.5)).toBeCloseTo(361.435540467779, 9);
  });
});
