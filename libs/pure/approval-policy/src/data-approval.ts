import { PredicateReader } from './predicate-reader.js';
import { statementPayload } from './statement-payload.js';
import type { TrustDocument } from './trust-document.js';

export const DATA_APPROVAL_TYPE = 'https://castellan.dev/data-approval/v1';

/** One person's signed decision about one request for protected data: a masked release, a re-identification, a budget. */
export interface DataApproval {
  readonly digest: string;
  /** SHA-256 of the request's canonical text: a word changed is another request. */
  readonly requestDigest: string;
  readonly decision: 'approve' | 'reject';
  readonly organization: string;
  readonly project: string;
  readonly person: string;
  readonly reason: string;
  /** Both are the signer's claims: they can shorten an approval's life, never lengthen it. */
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly nonce: string;
}

/** @throws TrustError `document_malformed` */
export function readDataApproval(document: TrustDocument): DataApproval {
  const reader = new PredicateReader(document.predicate, 'data approval');
  const approval: DataApproval = {
    digest: document.digest,
    requestDigest: document.subjectSha256,
    decision: reader.oneOf('decision', ['approve', 'reject']),
    organization: reader.name('organization'),
    project: reader.name('project'),
    person: reader.name('person'),
    reason: reader.text('reason'),
    issuedAt: reader.time('issuedAt'),
    expiresAt: reader.time('expiresAt'),
    nonce: reader.uuid('nonce'),
  };
  reader.done();
  return approval;
}

/** What a person signs about a request. `subject.name` says in words what it is about. Times are ISO 8601 UTC. */
export function dataApprovalPayload(
  subject: { readonly name: string; readonly requestDigest: string },
  approval: {
    readonly decision: 'approve' | 'reject';
    readonly organization: string;
    readonly project: string;
    readonly person: string;
    readonly reason: string;
    readonly issuedAt: string;
    readonly expiresAt: string;
    readonly nonce: string;
  },
): Uint8Array<ArrayBuffer> {
  return statementPayload({ name: subject.name, sha256: subject.requestDigest }, DATA_APPROVAL_TYPE, {
    ...approval,
  });
}
