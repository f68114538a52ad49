import fc from 'fast-check';
import { add, ceiling, compare, divide, multiply, rational, toNumber, toText } from './rational.js';

const anyRational = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.bigInt({ min: 1n, max: 10n ** 20n }))
  .map(([numerator, denominator]) => rational(numerator, denominator));

describe('an exact fraction', () => {
  it('is kept in lowest terms', () => {
    expect(rational(6n, 4n)).toEqual({ numerator: 3n, denominator: 2n });
    expect(rational(0n, 7n)).toEqual({ numerator: 0n, denominator: 1n });
  });

  it('refuses a negative value and a zero denominator', () => {
    expect(() => rational(-1n, 2n)).toThrow(expect.objectContaining({ code: 'parameter_invalid' }));
    expect(() => rational(1n, 0n)).toThrow(expect.objectContaining({ code: 'parameter_invalid' }));
    expect(() => divide(rational(1n), rational(0n))).toThrow(
      expect.objectContaining({ code: 'parameter_invalid' }),
    );
  });

  it('obeys the laws of a field as far as it has the operations', () => {
    fc.assert(
      fc.property(anyRational, anyRational, anyRational, (a, b, c) => {
        expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
        expect(compare(add(a, b), a)).toBeGreaterThanOrEqual(0);
        if (b.numerator > 0n) expect(multiply(divide(a, b), b)).toEqual(a);
      }),
    );
  });

  it('rounds up to the least integer not below', () => {
    expect(ceiling(rational(7n, 2n))).toBe(4n);
    expect(ceiling(rational(8n, 2n))).toBe(4n);
    expect(ceiling(rational(1n, 10n ** 30n))).toBe(1n);
  });

  it('turns into the nearest double, also far outside the range of its parts', () => {
    expect(toNumber(rational(1n, 3n))).toBe(1 / 3);
    expect(toNumber(rational(5n * 10n ** 400n, 10n ** 400n))).toBe(5);
    expect(toNumber(rational(1n, 10n ** 300n))).toBeCloseTo(1e-300, 310);
    expect(toNumber(rational(0n))).toBe(0);
    expect(toText(rational(1n, 3n))).toBe('1/3');
    expect(toText(rational(4n))).toBe('4');
  });
});
