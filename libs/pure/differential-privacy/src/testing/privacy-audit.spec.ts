import { auditedMechanisms } from './audited-mechanisms.js';
import { auditPrivacy, probabilityAtLeast, probabilityAtMost } from './privacy-audit.js';
import { SeededBits } from './seeded-bits.js';

/** Seconds in all; `npm run audit:privacy` takes as many as you give it. */
const DRAWS = 6_000;

describe.each(auditedMechanisms)('an audit of $name', ({ name, claim, runs, bug, planted }) => {
  it('does not refute what it claims', () => {
    expect(auditPrivacy(runs(new SeededBits(name)), claim, DRAWS).refuted).toBe(false);
  });

  it(`finds a planted bug: ${bug}`, () => {
    expect(auditPrivacy(planted(new SeededBits(name)), claim, DRAWS).refuted).toBe(true);
  });
});

describe('an audit', () => {
  it('comes near the loss of a mechanism that is as lossy as it claims', () => {
    const [laplace] = auditedMechanisms;
    const runs = laplace?.runs(new SeededBits('near'));
    if (runs === undefined) throw new Error('nothing audited');
    expect(auditPrivacy(runs, { epsilon: 1, delta: 0 }, DRAWS).epsilonAtLeast).toBeGreaterThan(0.75);
  });

  it('bounds probabilities on both sides of what was seen', () => {
    expect(probabilityAtLeast(0, 100)).toBe(0);
    expect(probabilityAtMost(100, 100)).toBe(1);
    // Nothing in n draws: 1 − p ≥ the n-th root of the chance.
    expect(probabilityAtMost(0, 1000)).toBeCloseTo(1 - 1e-9 ** (1 / 1000), 6);
    expect(probabilityAtLeast(500, 1000)).toBeLessThan(0.5);
    expect(probabilityAtLeast(500, 1000)).toBeGreaterThan(0.39);
  });
});
