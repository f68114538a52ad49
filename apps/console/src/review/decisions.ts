import type { Approval, Revocation } from './predicates.js';
import type { SignedDocument } from './signed-document.js';

/** One reviewer's signed decision, and who took it back. */
export interface Decision {
  readonly digest: string;
  readonly approval: Approval;
  readonly revocation?: Revocation;
}

export interface Decisions {
  readonly decisions: readonly Decision[];
  /** Revocations of the version itself. */
  readonly versionRevocations: readonly Revocation[];
}

export type Standing = 'counts' | 'rejects' | 'revoked' | 'expired' | 'idle';

/** Joins decisions with what took them back. Ordered by when they were signed. */
export function decisionsFrom(
  versionDigest: string,
  approvals: readonly SignedDocument<Approval>[],
  revocations: readonly SignedDocument<Revocation>[],
): Decisions {
  const ofApproval = revocations.filter(({ predicate }) => predicate.target === 'approval');
  const decisions = approvals
    .filter(({ subject }) => subject === versionDigest)
    .map(({ digest, predicate: approval }) => {
      const revocation = ofApproval.find(({ subject }) => subject === digest)?.predicate;
      return { digest, approval, ...(revocation === undefined ? {} : { revocation }) };
    })
    .toSorted((left, right) => left.approval.issuedAt.localeCompare(right.approval.issuedAt));
  const versionRevocations = revocations
    .filter(({ subject, predicate }) => predicate.target === 'version' && subject === versionDigest)
    .map(({ predicate }) => predicate);
  return { decisions, versionRevocations };
}

/** What a decision amounts to now. Only the keybroker's own count makes an approval count. */
export function standingOf(
  { digest, approval, revocation }: Decision,
  counted: readonly string[],
  now: Date,
): Standing {
  if (revocation !== undefined) return 'revoked';
  if (approval.decision === 'reject') return 'rejects';
  if (counted.includes(digest)) return 'counts';
  return Date.parse(approval.expiresAt) <= now.getTime() ? 'expired' : 'idle';
}
