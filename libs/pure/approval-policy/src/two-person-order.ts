import type { Trust } from './trust.js';
import type { EnvelopeInput } from './trust-document.js';
import { TrustError } from './trust-error.js';
import { verifyDocument, type VerifiedOrder } from './verify-document.js';

export interface AcceptedOrder {
  readonly envelope: EnvelopeInput;
  /** When the judge took it in, by the judge's own clock: what a signer writes about time decides nothing here. */
  readonly acceptedAt: Date;
}

export interface CountedOrder {
  readonly digest: string;
  readonly person: string;
}

/** The orders that count now; `secondAt`: when the judge took in the one that made them two people's. */
export interface CountedOrders {
  readonly orders: readonly CountedOrder[];
  readonly secondAt?: Date;
}

/**
 * The first sound order and the first by somebody else: two people, two keys, neither order taken back nor lapsed, both
 * signers trusted at this very moment. What the orders are about is for the caller to have compared.
 */
export function countOrders(
  accepted: readonly AcceptedOrder[],
  kind: VerifiedOrder['kind'],
  { trust, now }: { readonly trust: Trust; readonly now: Date },
): CountedOrders {
  const sound = accepted
    .flatMap((order) => soundOrder(order, kind, trust, now))
    .sort((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime());
  const [first] = sound;
  if (first === undefined) return { orders: [] };
  const second = sound.find(
    ({ signer, content }) => signer !== first.signer && content.person !== first.content.person,
  );
  if (second === undefined) return { orders: [named(first)] };
  return { orders: [named(first), named(second)], secondAt: second.acceptedAt };
}

type SoundOrder = VerifiedOrder & { readonly acceptedAt: Date };

function soundOrder(
  { envelope, acceptedAt }: AcceptedOrder,
  kind: VerifiedOrder['kind'],
  trust: Trust,
  now: Date,
): SoundOrder[] {
  try {
    const verified = verifyDocument(envelope, trust, now);
    if (verified.kind !== kind || !('signer' in verified)) return [];
    const { digest, expiresAt } = verified.content;
    const isCancelled = trust.revocations.some(
      ({ target, targetDigest }) => target === kind && targetDigest === digest,
    );
    return isCancelled || now >= expiresAt ? [] : [{ ...verified, acceptedAt }];
  } catch (fault) {
    if (fault instanceof TrustError) return [];
    throw fault;
  }
}

function named({ content: { digest, person } }: SoundOrder): CountedOrder {
  return { digest, person };
}
