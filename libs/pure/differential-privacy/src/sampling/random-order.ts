import type { RandomBits } from '../randomness/random-bits.js';
import { uniformBelow } from './uniform.js';

/** The items in an order drawn uniformly from all orders: each is put in a random place among those before it. */
export function randomOrder<T>(items: readonly T[], random: RandomBits): T[] {
  const order: T[] = [];
  for (const [i, item] of items.entries()) order.splice(Number(uniformBelow(BigInt(i + 1), random)), 0, item);
  return order;
}
