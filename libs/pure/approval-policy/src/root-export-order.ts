import { PredicateReader } from './predicate-reader.js';
import { statementPayload } from './statement-payload.js';
import type { TrustDocument } from './trust-document.js';

export const ROOT_EXPORT_ORDER_TYPE = 'https://castellan.dev/root-export-order/v1';

/** One person's word that a project's keys may leave, sealed to one certificate. It takes two people's. */
export interface RootExportOrder {
  readonly digest: string;
  /** The project's id: what its keys are bound to. */
  readonly targetId: string;
  readonly organization: string;
  readonly project: string;
  /** SHA-256 of the certificate's DER: what the signer compared over another channel. */
  readonly recipient: string;
  /** That certificate, PEM. */
  readonly certificate: string;
  readonly person: string;
  readonly reason: string;
  readonly issuedAt: Date;
  /** Nothing leaves on this order from then on. */
  readonly expiresAt: Date;
}

/** @throws TrustError `document_malformed` */
export function readRootExportOrder(document: TrustDocument): RootExportOrder {
  const reader = new PredicateReader(document.predicate, 'root export order');
  const order = {
    digest: document.digest,
    targetId: reader.uuid('targetId'),
    organization: reader.name('organization'),
    project: reader.name('project'),
    recipient: reader.sha256('recipient'),
    certificate: reader.text('certificate'),
    person: reader.name('person'),
    reason: reader.text('reason'),
    issuedAt: reader.time('issuedAt'),
    expiresAt: reader.time('expiresAt'),
  };
  reader.uuid('nonce');
  reader.done();
  return order;
}

/**
 * What an officer or a reviewer signs. `subject`: the project's name and the SHA-256 of `<organization>/<project>`. Times
 * are ISO 8601 UTC.
 */
export function rootExportOrderPayload(
  subject: { readonly name: string; readonly sha256: string },
  order: {
    readonly targetId: string;
    readonly organization: string;
    readonly project: string;
    readonly recipient: string;
    readonly certificate: string;
    readonly person: string;
    readonly reason: string;
    readonly issuedAt: string;
    readonly expiresAt: string;
    readonly nonce: string;
  },
): Uint8Array<ArrayBuffer> {
  return statementPayload(subject, ROOT_EXPORT_ORDER_TYPE, { ...order });
}
