import type { RandomBits } from '../randomness/random-bits.js';

const { clz32 } = Math;

/** The number of bits that write `value` (≥ 0) down; 0 for 0. */
export function bitLength(value: bigint): number {
  let low = 0;
  while (value > 0xffff_ffffn) {
    value >>= 32n;
    low += 32;
  }
  return low + 32 - clz32(Number(value));
}

/** `count` (≥ 0) random bits as an integer in [0, 2^count). */
export function randomInteger(count: number, random: RandomBits): bigint {
  let value = 0n;
  for (; count > 32; count -= 32) value = (value << 32n) | BigInt(random.take(32));
  if (count === 0) return value;
  return value === 0n ? BigInt(random.take(count)) : (value << BigInt(count)) | BigInt(random.take(count));
}

/** Uniform on [0, bound), bound ≥ 1, by rejection from the next power of two: less than two tries on average. */
export function uniformBelow(bound: bigint, random: RandomBits): bigint {
  const count = bitLength(bound - 1n);
  for (;;) {
    const draw = randomInteger(count, random);
    if (draw < bound) return draw;
  }
}
