import type { RandomBits } from '../randomness/random-bits.js';
import { bernoulliExp, bernoulliExpOne } from './bernoulli.js';
import { uniformBelow } from './uniform.js';

/**
 * A draw k = 0, 1, 2, … with probability proportional to e^(−k·p/q), for p ≥ 1, q ≥ 1.
 *
 * First the geometric variable of rate 1/q, written as v·q + u with u below q, then its quotient by p.
 * Source: Canonne, Kamath, Steinke, arXiv 2004.00010, algorithm 2.
 */
export function sampleGeometric(p: bigint, q: bigint, random: RandomBits): bigint {
  let u: bigint;
  do u = uniformBelow(q, random);
  while (!bernoulliExp(u, q, random));
  let v = 0n;
  while (bernoulliExpOne(random)) v += 1n;
  return (v * q + u) / p;
}
