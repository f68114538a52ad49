import { PredicateReader } from './predicate-reader.js';
import { statementPayload } from './statement-payload.js';
import type { TrustDocument } from './trust-document.js';

export const DESTRUCTION_ORDER_TYPE = 'https://castellan.dev/destruction-order/v1';

export const destructionTargets = ['version', 'model', 'project', 'person'] as const;
export type DestructionTarget = (typeof destructionTargets)[number];

/** One person's word that something shall be destroyed. It takes two people's, and a time of waiting. */
export interface DestructionOrder {
  readonly digest: string;
  readonly target: DestructionTarget;
  /** The row's id: what data keys are bound to. */
  readonly targetId: string;
  readonly organization: string;
  /** `*` for a person, who is in no project: officers and reviewers of all projects may sign. */
  readonly project: string;
  /** Who signs. */
  readonly person: string;
  readonly reason: string;
  readonly issuedAt: Date;
  /** An order that was not carried out by then lapses. */
  readonly expiresAt: Date;
}

/** @throws TrustError `document_malformed` */
export function readDestructionOrder(document: TrustDocument): DestructionOrder {
  const reader = new PredicateReader(document.predicate, 'destruction order');
  const target = reader.oneOf('target', destructionTargets);
  const order = {
    digest: document.digest,
    target,
    targetId: reader.uuid('targetId'),
    organization: reader.name('organization'),
    project: target === 'person' ? reader.oneOf('project', ['*']) : reader.name('project'),
    person: reader.name('person'),
    reason: reader.text('reason'),
    issuedAt: reader.time('issuedAt'),
    expiresAt: reader.time('expiresAt'),
  };
  // Makes an order that is given again after a cancellation another document.
  reader.uuid('nonce');
  reader.done();
  return order;
}

/**
 * What an officer or a reviewer signs. `subject`: the version's ref and digest; a model's or project's name and the SHA-256
 * of `<organization>/<project>[/<model>]`; a person's id (never the name: orders are kept) and `personDigest`. Times are
 * ISO 8601 UTC.
 */
export function destructionOrderPayload(
  subject: { readonly name: string; readonly sha256: string },
  order: {
    readonly target: DestructionTarget;
    readonly targetId: string;
    readonly organization: string;
    readonly project: string;
    readonly person: string;
    readonly reason: string;
    readonly issuedAt: string;
    readonly expiresAt: string;
    readonly nonce: string;
  },
): Uint8Array<ArrayBuffer> {
  return statementPayload(subject, DESTRUCTION_ORDER_TYPE, { ...order });
}
