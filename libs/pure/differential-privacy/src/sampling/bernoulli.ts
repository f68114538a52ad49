import type { RandomBits } from '../randomness/random-bits.js';
import { uniformBelow } from './uniform.js';

const { clz32 } = Math;

/** True with probability exactly p/q, for 0 ≤ p ≤ q, q ≥ 1. */
export function bernoulli(p: bigint, q: bigint, random: RandomBits): boolean {
  return uniformBelow(q, random) < p;
}

/**
 * True with probability exactly e^(−p/q), for 0 ≤ p ≤ q: draws Bernoulli(p/(q·k)) for k = 1, 2, … and asks whether
 * the first failure came at an odd k. Source: Canonne, Kamath, Steinke, arXiv 2004.00010, algorithm 1.
 */
function bernoulliExpFraction(p: bigint, q: bigint, random: RandomBits): boolean {
  let k = 1n;
  while (bernoulli(p, q * k, random)) k += 1n;
  return (k & 1n) === 1n;
}

/** True with probability exactly 1/e: the case p = q of the above, in machine integers. */
export function bernoulliExpOne(random: RandomBits): boolean {
  let k = 2;
  for (;;) {
    const bits = 32 - clz32(k - 1);
    let draw: number;
    do draw = random.take(bits);
    while (draw >= k);
    if (draw !== 0) return k % 2 === 1;
    k += 1;
  }
}

/** True with probability exactly e^(−p/q), for any p ≥ 0, q ≥ 1. Source: arXiv 2004.00010, algorithm 1. */
export function bernoulliExp(p: bigint, q: bigint, random: RandomBits): boolean {
  for (; p > q; p -= q) if (!bernoulliExpOne(random)) return false;
  return bernoulliExpFraction(p, q, random);
}
