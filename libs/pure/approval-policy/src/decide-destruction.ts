import type { Trust } from './trust.js';
import { countOrders, type AcceptedOrder, type CountedOrder } from './two-person-order.js';

export type DestructionDecision =
  /** Nobody's order counts now: none was given, or all were cancelled, lapsed or given by people no longer trusted. */
  | { readonly state: 'none' }
  | { readonly state: 'awaiting-second'; readonly orders: readonly CountedOrder[] }
  | { readonly state: 'waiting' | 'due'; readonly orders: readonly CountedOrder[]; readonly dueAt: Date };

/**
 * Whether something may be destroyed, from signatures alone: the orders of two people about it, the second taken in at
 * least `waitMs` ago.
 */
export function decideDestruction(
  accepted: readonly AcceptedOrder[],
  { trust, now, waitMs }: { readonly trust: Trust; readonly now: Date; readonly waitMs: number },
): DestructionDecision {
  const { orders, secondAt } = countOrders(accepted, 'destruction-order', { trust, now });
  if (orders.length === 0) return { state: 'none' };
  if (secondAt === undefined) return { state: 'awaiting-second', orders };
  const dueAt = new Date(secondAt.getTime() + waitMs);
  return { state: now < dueAt ? 'waiting' : 'due', orders, dueAt };
}
