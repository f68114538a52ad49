import { readApproval, APPROVAL_TYPE, type Approval } from './approval.js';
import type { VersionManifest } from './manifest.js';
import type { Policy } from './policy.js';
import { CLOCK_SKEW_MS, requireType, type Trust } from './trust.js';
import { readTrustDocument, type EnvelopeInput } from './trust-document.js';
import { TrustError } from './trust-error.js';

const DAY_MS = 86_400_000;

/** Everything that one reviewer's decision is judged against. */
export interface Case {
  readonly manifest: VersionManifest;
  readonly versionDigest: string;
  readonly policy: Policy;
  readonly trust: Trust;
  readonly now: Date;
}

/** An approval that holds, and the roles in which it may be counted. */
export interface SoundApproval {
  readonly digest: string;
  readonly person: string;
  readonly roles: ReadonlySet<string>;
  /** The digests of the scan reports that the reviewer had before her. */
  readonly scanReports: readonly string[];
  readonly issuedAt: Date;
  /** The end of its force: its own expiry or the policy's maximum age, whichever is sooner. */
  readonly expiresAt: Date;
}

/**
 * Judges one decision.
 *
 * @returns the approval when it counts; `undefined` for a rejection that has been taken back.
 * @throws TrustError saying why it doesn't count, or `version_rejected` for a rejection that stands.
 */
export function judgeApproval(input: EnvelopeInput, given: Case): SoundApproval | undefined {
  const document = readTrustDocument(input);
  requireType(document, APPROVAL_TYPE);
  const approval = readApproval(document);
  const certificates = given.trust.reviewersWhoSigned(document, approval);
  requireSameVersion(approval, given);
  if (approval.decision === 'reject') return judgeRejection(approval, given);

  requireUnrevoked(approval, given);
  const current = given.trust.inForce(certificates, given.now);
  requireOtherThanAuthor(approval, given);
  requirePolicy(approval, given);
  const expiresAt = requireInTime(approval, given);
  requireGates(approval, given);
  const roles = new Set(current.flatMap((certificate) => certificate.roles));
  const { digest, person, evidence, issuedAt } = approval;
  const scanReports = evidence.filter(({ kind }) => kind === 'scan').map(({ sha256 }) => sha256);
  return { digest, person, roles, scanReports, issuedAt, expiresAt };
}

/**
 * A rejection stands whatever happens later to the policy, to its own dates or to the certificate, until the same person
 * or an officer takes it back.
 */
function judgeRejection(rejection: Approval, given: Case): undefined {
  const takenBack = revocationsOf(rejection, given).some(
    ({ byOfficer, person }) => byOfficer || person === rejection.person,
  );
  if (!takenBack) throw new TrustError('version_rejected', `${rejection.person} rejected this version.`);
  return undefined;
}

function requireSameVersion(approval: Approval, { manifest, versionDigest }: Case): void {
  const { person, organization, project } = approval;
  if (approval.versionDigest !== versionDigest) {
    throw new TrustError(
      'approval_for_other_digest',
      `${person}'s decision is about ${approval.versionDigest}.`,
    );
  }
  if (organization !== manifest.organization || project !== manifest.project) {
    throw new TrustError(
      'approval_for_other_project',
      `${person}'s decision is about ${organization}/${project}.`,
    );
  }
}

function requireUnrevoked(approval: Approval, given: Case): void {
  const [revocation] = revocationsOf(approval, given);
  if (revocation === undefined) return;
  throw new TrustError(
    'approval_revoked',
    `${approval.person}'s approval was revoked by ${revocation.person}.`,
  );
}

function requireOtherThanAuthor({ person }: Approval, { manifest }: Case): void {
  if (person !== manifest.author) return;
  throw new TrustError(
    'author_may_not_review',
    `${person} is the author of this version and may not approve it.`,
  );
}

function requirePolicy({ person, policyDigest }: Approval, { policy }: Case): void {
  if (policyDigest === policy.digest) return;
  throw new TrustError(
    'approval_for_other_policy',
    `${person} approved under a policy that is not in force.`,
  );
}

function requireInTime({ person, issuedAt, expiresAt }: Approval, { policy, now }: Case): Date {
  if (issuedAt.getTime() > now.getTime() + CLOCK_SKEW_MS) {
    throw new TrustError(
      'approval_not_yet_valid',
      `${person}'s approval is dated ${issuedAt.toISOString()}.`,
    );
  }
  const end = new Date(
    Math.min(expiresAt.getTime(), issuedAt.getTime() + policy.approvalMaxAgeDays * DAY_MS),
  );
  if (now.getTime() >= end.getTime()) {
    throw new TrustError('approval_expired', `${person}'s approval ended at ${end.toISOString()}.`);
  }
  return end;
}

/** Every report of a gated kind that the reviewer signed must satisfy the gate, and there must be one. */
function requireGates({ person, evidence }: Approval, { policy }: Case): void {
  for (const [kind, verdict] of Object.entries(policy.gates)) {
    const reports = evidence.filter((report) => report.kind === kind);
    if (reports.length > 0 && reports.every((report) => report.verdict === verdict)) continue;
    throw new TrustError(
      'gate_unmet',
      `${person}'s approval does not attest a ${kind} report that says ${verdict}.`,
    );
  }
}

function revocationsOf({ digest }: Approval, { trust, manifest }: Case) {
  return trust.revocations.filter(
    (revocation) =>
      revocation.target === 'approval' &&
      revocation.targetDigest === digest &&
      revocation.organization === manifest.organization &&
      revocation.project === manifest.project,
  );
}
