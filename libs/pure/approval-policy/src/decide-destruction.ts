import type { DestructionOrder } from './destruction-order.js';
import type { Trust } from './trust.js';
import type { EnvelopeInput } from './trust-document.js';
import { TrustError } from './trust-error.js';
import { verifyDocument } from './verify-document.js';

export interface AcceptedOrder {
  readonly envelope: EnvelopeInput;
  /** When the judge took it in, by the judge's own clock: what a signer writes about time decides nothing here. */
  readonly acceptedAt: Date;
}

export interface CountedOrder {
  readonly digest: string;
  readonly person: string;
}

export type DestructionDecision =
  /** Nobody's order counts now: none was given, or all were cancelled, lapsed or given by people no longer trusted. */
  | { readonly state: 'none' }
  | { readonly state: 'awaiting-second'; readonly orders: readonly CountedOrder[] }
  | { readonly state: 'waiting' | 'due'; readonly orders: readonly CountedOrder[]; readonly dueAt: Date };

/**
 * Whether something may be destroyed, from signatures alone: two orders about it, by two people with two keys, neither
 * taken back nor lapsed, both signers trusted at this very moment, and the second taken in at least `waitMs` ago.
 */
export function decideDestruction(
  accepted: readonly AcceptedOrder[],
  { trust, now, waitMs }: { readonly trust: Trust; readonly now: Date; readonly waitMs: number },
): DestructionDecision {
  const counted = accepted
    .flatMap((order) => soundOrder(order, trust, now))
    .sort((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime());
  const [first] = counted;
  if (first === undefined) return { state: 'none' };
  const second = counted.find(
    ({ signer, order }) => signer !== first.signer && order.person !== first.order.person,
  );
  if (second === undefined) return { state: 'awaiting-second', orders: [named(first.order)] };
  const dueAt = new Date(second.acceptedAt.getTime() + waitMs);
  const orders = [named(first.order), named(second.order)];
  return { state: now < dueAt ? 'waiting' : 'due', orders, dueAt };
}

interface SoundOrder {
  readonly order: DestructionOrder;
  readonly signer: string;
  readonly acceptedAt: Date;
}

function soundOrder({ envelope, acceptedAt }: AcceptedOrder, trust: Trust, now: Date): SoundOrder[] {
  try {
    const verified = verifyDocument(envelope, trust, now);
    if (verified.kind !== 'destruction-order') return [];
    const { content: order, signer } = verified;
    const isCancelled = trust.revocations.some(
      ({ target, targetDigest }) => target === 'destruction-order' && targetDigest === order.digest,
    );
    return isCancelled || now >= order.expiresAt ? [] : [{ order, signer, acceptedAt }];
  } catch (fault) {
    if (fault instanceof TrustError) return [];
    throw fault;
  }
}

function named({ digest, person }: DestructionOrder): CountedOrder {
  return { digest, person };
}
