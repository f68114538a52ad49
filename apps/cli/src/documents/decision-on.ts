import { randomUUID } from 'node:crypto';
import { approvalPayload, revocationPayload } from '@castellan/approval-policy';
import type { Review } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { daysAfter } from './days.js';
import { requireOwnDigest } from './own-digest.js';

export interface Decision {
  readonly decision: 'approve' | 'reject';
  readonly person: string;
  readonly reason: string;
  readonly issuedAt: Date;
  readonly days: number;
}

/**
 * What a reviewer signs about the version she was shown: its digest, the policy in force, the evidence, her reason, an end.
 * @throws `policy_missing`, `manifest_mismatch`
 */
export function decisionOn(
  review: Review,
  { issuedAt, days, ...decided }: Decision,
): Uint8Array<ArrayBuffer> {
  const { version, organization, policyDigest, evidence } = review;
  const versionDigest = requireOwnDigest(review);
  if (policyDigest === undefined) throw policyMissing(version.project);
  return approvalPayload(
    { name: `${version.model}@${version.number}`, versionDigest },
    {
      ...decided,
      organization,
      project: version.project,
      policyDigest,
      evidence,
      issuedAt: issuedAt.toISOString(),
      expiresAt: daysAfter(issuedAt, days),
      nonce: randomUUID(),
    },
  );
}

export interface TakingBack {
  readonly person: string;
  readonly reason: string;
  readonly issuedAt: Date;
  /** One approval's digest; absent: the version itself. */
  readonly approval?: string | undefined;
}

/** What a reviewer signs so that a version, or one approval of it, no longer counts. @throws `manifest_mismatch` */
export function revocationOf(
  review: Review,
  { approval, issuedAt, ...said }: TakingBack,
): Uint8Array<ArrayBuffer> {
  const { version, organization } = review;
  const versionDigest = requireOwnDigest(review);
  return revocationPayload(
    { name: `${version.model}@${version.number}`, sha256: approval ?? versionDigest },
    {
      ...said,
      target: approval === undefined ? 'version' : 'approval',
      organization,
      project: version.project,
      issuedAt: issuedAt.toISOString(),
    },
  );
}

function policyMissing(project: string): CastellanError {
  return new CastellanError({
    code: 'policy_missing',
    kind: 'conflict',
    publicDetail: `The project ${project} has no policy yet; an officer signs one with "castellan policy sign".`,
  });
}
