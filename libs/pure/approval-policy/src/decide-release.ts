import { judgeApproval, type Case, type SoundApproval } from './judge-approval.js';
import { readManifest, type VersionManifest } from './manifest.js';
import { POLICY_TYPE, readPolicy, type Policy } from './policy.js';
import { seatQuorum } from './quorum.js';
import { requireType, Trust, type TrustMaterial } from './trust.js';
import { readTrustDocument, type EnvelopeInput } from './trust-document.js';
import { TrustError, type TrustErrorCode } from './trust-error.js';

/** The whole input of the rule. Everything but `officers`, `versionDigest` and `now` may come from an attacker. */
export interface ReleaseQuestion extends TrustMaterial {
  /** The manifest's exact text: its SHA-256 must be `versionDigest`. */
  readonly manifest: string;
  readonly versionDigest: string;
  /**
   * The policy in force. Which of several genuine policies that is can't be told from the documents: whoever asks keeps the
   * highest version it has seen.
   */
  readonly policy: EnvelopeInput | undefined;
  /** Decisions about the version: approvals and rejections. */
  readonly approvals: readonly EnvelopeInput[];
  readonly now: Date;
}

/** One reason against a release: a code for programs, a sentence for people. */
export interface Refusal {
  readonly code: TrustErrorCode;
  readonly detail: string;
}

export interface CountedApproval {
  readonly digest: string;
  readonly person: string;
  readonly role: string;
  /** The digests of the scan reports that she attested. */
  readonly scanReports: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export type ReleaseDecision =
  | {
      readonly allowed: true;
      readonly policyDigest: string;
      readonly countedApprovals: readonly CountedApproval[];
    }
  | {
      readonly allowed: false;
      readonly policyDigest?: string;
      /** Approvals that hold, though they don't suffice. */
      readonly countedApprovals: readonly CountedApproval[];
      /** At least one. */
      readonly reasons: readonly Refusal[];
    };

/**
 * Whether the key of a version may be released for serving: the rule of the keybroker, and of whoever checks it later
 * from an evidence bundle.
 *
 * Allowed means: a policy of the version's project signed by an officer; as many sound approvals as its quorum asks, by
 * different people in the right roles, none of them the author; no standing rejection; no revocation of the version.
 * Decided from the documents alone, at the time given. Never throws for what an attacker can write.
 *
 * It does not know what was withheld from it: a caller must pass every revocation and rejection it has ever honoured, and
 * the newest policy.
 */
export function decideRelease(question: ReleaseQuestion): ReleaseDecision {
  const reasons: Refusal[] = [];
  const trust = new Trust(question);
  const manifest = orRefuse(reasons, () => readManifest(question.manifest, question.versionDigest));
  const policy = manifest && orRefuse(reasons, () => requirePolicyOf(manifest, question.policy, trust));
  if (manifest === undefined || policy === undefined)
    return { allowed: false, countedApprovals: [], reasons };

  const given: Case = { manifest, versionDigest: question.versionDigest, policy, trust, now: question.now };
  reasons.push(...revocationsOfVersion(given));
  const sound = new Map<string, SoundApproval>();
  const blocking: Refusal[] = [];
  const notCounted: Refusal[] = [];
  for (const input of question.approvals) {
    const faults: Refusal[] = [];
    const approval = orRefuse(faults, () => judgeApproval(input, given));
    if (approval !== undefined) sound.set(approval.person, longerLived(approval, sound.get(approval.person)));
    for (const fault of faults) (fault.code === 'version_rejected' ? blocking : notCounted).push(fault);
  }
  reasons.push(...blocking);

  const rolesByPerson = new Map([...sound].map(([person, { roles }]) => [person, roles]));
  const seating = seatQuorum(policy.quorum, rolesByPerson);
  const countedApprovals = [...sound.values()].flatMap((approval) => counted(approval, seating.roleByPerson));
  if (seating.missing.length > 0) {
    reasons.push(...notCounted, ...missingApprovals(question.approvals.length, given, seating.missing));
  }
  const policyDigest = policy.digest;
  if (reasons.length > 0)
    return { allowed: false, policyDigest, countedApprovals, reasons: distinct(reasons) };
  return { allowed: true, policyDigest, countedApprovals };
}

function requirePolicyOf(manifest: VersionManifest, input: EnvelopeInput | undefined, trust: Trust): Policy {
  const { organization, project } = manifest;
  if (input === undefined) {
    throw new TrustError('policy_missing', `No policy is in force for ${organization}/${project}.`);
  }
  const document = readTrustDocument(input);
  requireType(document, POLICY_TYPE);
  if (!trust.signedByOfficer(document)) {
    throw new TrustError('policy_untrusted', 'The policy is not signed by a pinned officer.');
  }
  const policy = readPolicy(document);
  if (policy.organization !== organization || policy.project !== project) {
    throw new TrustError(
      'policy_for_other_project',
      `The policy is for ${policy.organization}/${policy.project}.`,
    );
  }
  return policy;
}

function revocationsOfVersion({ trust, manifest, versionDigest }: Case): Refusal[] {
  return trust.revocations
    .filter(
      (revocation) =>
        revocation.target === 'version' &&
        revocation.targetDigest === versionDigest &&
        revocation.organization === manifest.organization &&
        revocation.project === manifest.project,
    )
    .map(({ person, reason }) => ({
      code: 'version_revoked',
      detail: `${person} revoked this version: ${reason}`,
    }));
}

/** A person counts once: of several approvals the one that lasts longest speaks for her. */
function longerLived(approval: SoundApproval, other: SoundApproval | undefined): SoundApproval {
  return other !== undefined && other.expiresAt > approval.expiresAt ? other : approval;
}

function counted(
  { digest, person, scanReports, issuedAt, expiresAt }: SoundApproval,
  roleByPerson: ReadonlyMap<string, string>,
): CountedApproval[] {
  const role = roleByPerson.get(person);
  return role === undefined ? [] : [{ digest, person, role, scanReports, issuedAt, expiresAt }];
}

function missingApprovals(seen: number, { manifest, policy }: Case, missing: Policy['quorum']): Refusal[] {
  const { model, number } = manifest;
  return missing.map(({ role, count }) => {
    const asked = policy.quorum
      .filter((part) => part.role === role)
      .reduce((sum, part) => sum + part.count, 0);
    const code = seen === 0 ? 'approval_missing' : 'quorum_not_met';
    return {
      code,
      detail: `Version ${model}@${number} has ${asked - count} of ${asked} required ${role} approvals.`,
    };
  });
}

/** The same document may have been handed over twice. */
function distinct(reasons: readonly Refusal[]): Refusal[] {
  return [...new Map(reasons.map((reason) => [`${reason.code} ${reason.detail}`, reason])).values()];
}

/** Runs a check; turns the TrustError of one that fails into a reason. Any other error is a defect and passes. */
function orRefuse<Value>(reasons: Refusal[], check: () => Value): Value | undefined {
  try {
    return check();
  } catch (fault) {
    if (!(fault instanceof TrustError)) throw fault;
    reasons.push({ code: fault.code, detail: fault.publicDetail });
    return undefined;
  }
}
