import { parseEpsilon } from '../epsilon.js';
import { rational, toText } from '../rational.js';
import { SeededBits } from '../testing/index.js';
import { DiscreteGaussianMechanism } from './discrete-gaussian-mechanism.js';
import { DiscreteLaplaceMechanism } from './discrete-laplace-mechanism.js';
import type { IntegerMechanism } from './mechanism.js';

const neighbours = 'add_or_remove_unit';

function coverage(mechanism: IntegerMechanism, confidence: number): number {
  const random = new SeededBits(`coverage ${mechanism.name}`);
  const halfWidth = mechanism.halfWidth(confidence);
  let inside = 0;
  for (let i = 0; i < 50_000; i += 1) {
    const error = mechanism.release(1000n, random) - 1000n;
    if (error >= -halfWidth && error <= halfWidth) inside += 1;
  }
  return inside / 50_000;
}

describe('the discrete Laplace mechanism', () => {
  const mechanism = DiscreteLaplaceMechanism.costing(parseEpsilon('1/3'), { neighbours, absolute: 4n });

  it('costs exactly the epsilon it was made for', () => {
    expect(mechanism.scale).toEqual(rational(12n));
    expect(mechanism.cost).toEqual({ definition: 'pure', epsilon: rational(1n, 3n) });
  });

  it('has a privacy map that is linear in the distance', () => {
    expect(mechanism.lossAt(0n)).toEqual({ definition: 'pure', epsilon: rational(0n) });
    expect(mechanism.lossAt(8n)).toEqual({ definition: 'pure', epsilon: rational(2n, 3n) });
  });

  it('covers what its interval promises and not much more', () => {
    expect(coverage(mechanism, 0.95)).toBeGreaterThan(0.95 - 0.003);
    expect(coverage(mechanism, 0.95)).toBeLessThan(0.97);
  });

  it('gives the least interval, counted from the mass function', () => {
    for (const [b, confidence] of [
      [1, 0.5],
      [1, 0.95],
      [12, 0.9],
      [12, 0.999],
      [0.1, 0.9],
    ] as const) {
      const scaled = DiscreteLaplaceMechanism.costing(rational(10n, BigInt(b * 10)), {
        neighbours,
        absolute: 1n,
      });
      const p = Math.exp(-1 / b);
      const outside = (t: number) => (2 * p ** (t + 1)) / (1 + p);
      const t = Number(scaled.halfWidth(confidence));
      expect(outside(t)).toBeLessThanOrEqual(1 - confidence);
      if (t > 0) expect(outside(t - 1)).toBeGreaterThan(1 - confidence);
    }
  });

  it('does not exist without noise', () => {
    expect(() => DiscreteLaplaceMechanism.costing(rational(1n), { neighbours, absolute: 0n })).toThrow(
      /sensitivity/i,
    );
    expect(() => DiscreteLaplaceMechanism.costing(rational(0n), { neighbours, absolute: 1n })).toThrow(
      /Epsilon/,
    );
    expect(() => mechanism.halfWidth(1)).toThrow(/confidence/);
  });

  it('has the standard deviation of its distribution', () => {
    expect(mechanism.standardDeviation).toBeCloseTo(Math.sqrt(2) * 12, 1);
  });
});

describe('the discrete Gaussian mechanism', () => {
  const mechanism = DiscreteGaussianMechanism.withScale(rational(15n, 2n), { neighbours, squared: 2n });

  it('costs Δ₂²/(2σ²) of rho, exactly', () => {
    expect(mechanism.cost).toEqual({ definition: 'zero_concentrated', rho: rational(4n, 225n) });
  });

  it('has a privacy map that is linear in the squared distance', () => {
    const loss = mechanism.lossAt(8n);
    expect(loss.definition === 'zero_concentrated' && toText(loss.rho)).toBe('16/225');
  });

  it('covers what its interval promises and not much more', () => {
    expect(coverage(mechanism, 0.95)).toBeGreaterThan(0.95);
    expect(coverage(mechanism, 0.95)).toBeLessThan(0.97);
  });
});
