import fc from 'fast-check';
import { rhoOfPure } from './accounting/zero-concentrated.js';
import { rootAbove, rootBelow } from './rational-root.js';
import { compare, multiply, rational } from './rational.js';
import { parseRho, picoRho } from './rho.js';

describe('rho as a person writes it', () => {
  it('is read exactly and charged rounded up', () => {
    expect(parseRho('0.1')).toEqual(rational(1n, 10n));
    expect(picoRho(parseRho('0.1'))).toBe(100_000_000_000n);
    expect(picoRho(rational(1n, 3n))).toBe(333_333_333_334n);
    expect(picoRho(rhoOfPure(rational(1n, 2n)))).toBe(125_000_000_000n);
    expect(picoRho(rhoOfPure(rational(1n, 10_000_000n)))).toBe(1n);
  });

  it.each(['', '-1', 'NaN', 'Infinity', '1/3', '0x1', ' 1', '1e', '１'])('is not %j', (text) => {
    expect(() => parseRho(text)).toThrow(expect.objectContaining({ code: 'rho_malformed' }));
  });

  it.each(['0', '1e-400', '1e-11', '1001', '1e400'])('is out of range at %j', (text) => {
    expect(() => parseRho(text)).toThrow(expect.objectContaining({ code: 'rho_out_of_range' }));
  });

  it('has roots on the side that they are named after', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 15n), fc.bigInt(1n, 10n ** 15n), (numerator, denominator) => {
        const value = rational(numerator, denominator);
        const [below, above] = [rootBelow(value), rootAbove(value)];
        expect(compare(multiply(below, below), value)).toBeLessThanOrEqual(0);
        expect(compare(multiply(above, above), value)).toBeGreaterThanOrEqual(0);
      }),
      { seed: 5 },
    );
  });
});
