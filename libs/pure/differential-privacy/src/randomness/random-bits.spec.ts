import { SeededBits } from '../testing/index.js';
import { PooledBits } from './random-bits.js';
import { SystemBits } from './system-bits.js';

class CountingBits extends PooledBits {
  seen: Uint32Array | undefined;

  protected refill(pool: Uint32Array): void {
    this.seen = pool;
    pool.forEach((_, index) => (pool[index] = 0x0123_4567 + index));
  }
}

describe('pooled random bits', () => {
  it('hand out each bit once, low bits first, across word borders', () => {
    const bits = new CountingBits();
    expect(bits.take(4)).toBe(0x7);
    expect(bits.take(12)).toBe(0x456);
    expect(bits.take(32)).toBe(0x4568_0123);
    expect(bits.take(16)).toBe(0x0123);
    expect(bits.take(32)).toBe(0x0123_4569);
  });

  it('erase what was read', () => {
    const bits = new CountingBits();
    bits.take(32);
    bits.take(32);
    expect(Array.from(bits.seen?.subarray(0, 3) ?? [])).toEqual([0, 0, 0x0123_4569]);
  });

  it('are refilled when the pool runs dry', () => {
    const bits = new SeededBits('refill');
    const words = new Set(Array.from({ length: 40_000 }, () => bits.take(32)));
    expect(words.size).toBeGreaterThan(39_900);
  });

  it('are the same for the same seed and others for another', () => {
    const first = (seed: string) => {
      const bits = new SeededBits(seed);
      return Array.from({ length: 8 }, () => bits.take(31));
    };
    expect(first('a')).toEqual(first('a'));
    expect(first('a')).not.toEqual(first('b'));
  });

  it.each([1, 5, 31, 32])('of the system stay below 2^%i and reach the top half', (count) => {
    const bits = new SystemBits();
    const draws = Array.from({ length: 200 }, () => bits.take(count));
    expect(Math.max(...draws)).toBeLessThan(2 ** count);
    expect(Math.max(...draws)).toBeGreaterThanOrEqual(2 ** (count - 1));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  });
});
