import { PredicateReader } from './predicate-reader.js';
import { statementPayload } from './statement-payload.js';
import type { TrustDocument } from './trust-document.js';

export const APPROVAL_TYPE = 'https://castellan.dev/approval/v1';

/** A report that the reviewer had before her, by digest, and what it said. */
export interface Evidence {
  readonly kind: string;
  readonly sha256: string;
  readonly verdict: string;
}

/** One reviewer's signed decision about one version under one policy. */
export interface Approval {
  readonly digest: string;
  readonly versionDigest: string;
  readonly decision: 'approve' | 'reject';
  readonly organization: string;
  readonly project: string;
  readonly person: string;
  readonly policyDigest: string;
  readonly evidence: readonly Evidence[];
  readonly reason: string;
  /** Both are the signer's claims: they can shorten an approval's life, never lengthen it. */
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly nonce: string;
}

/** @throws TrustError `document_malformed` */
export function readApproval(document: TrustDocument): Approval {
  const reader = new PredicateReader(document.predicate, 'approval');
  const approval: Approval = {
    digest: document.digest,
    versionDigest: document.subjectSha256,
    decision: reader.oneOf('decision', ['approve', 'reject']),
    organization: reader.name('organization'),
    project: reader.name('project'),
    person: reader.name('person'),
    policyDigest: reader.sha256('policyDigest'),
    evidence: reader.list('evidence', readEvidence),
    reason: reader.text('reason'),
    issuedAt: reader.time('issuedAt'),
    expiresAt: reader.time('expiresAt'),
    nonce: reader.uuid('nonce'),
  };
  reader.done();
  return approval;
}

/** What a reviewer signs. `subject` is the version: `model@number` and its digest. Times are ISO 8601 UTC. */
export function approvalPayload(
  subject: { readonly name: string; readonly versionDigest: string },
  approval: {
    readonly decision: 'approve' | 'reject';
    readonly organization: string;
    readonly project: string;
    readonly person: string;
    readonly policyDigest: string;
    readonly evidence: readonly Evidence[];
    readonly reason: string;
    readonly issuedAt: string;
    readonly expiresAt: string;
    readonly nonce: string;
  },
): Uint8Array<ArrayBuffer> {
  const evidence = approval.evidence.map(({ kind, sha256, verdict }) => ({ kind, sha256, verdict }));
  return statementPayload({ name: subject.name, sha256: subject.versionDigest }, APPROVAL_TYPE, {
    ...approval,
    evidence,
  });
}

function readEvidence(reader: PredicateReader): Evidence {
  return { kind: reader.name('kind'), sha256: reader.sha256('sha256'), verdict: reader.name('verdict') };
}
