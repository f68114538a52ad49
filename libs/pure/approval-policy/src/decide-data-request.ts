import { DATA_APPROVAL_TYPE, readDataApproval, type DataApproval } from './data-approval.js';
import type { Refusal } from './decide-release.js';
import { CLOCK_SKEW_MS, requireType, Trust, type TrustMaterial } from './trust.js';
import { readTrustDocument, type EnvelopeInput, type TrustDocument } from './trust-document.js';
import { TrustError } from './trust-error.js';

/** A request for protected data, and how many people must have signed it. */
export interface DataRequest {
  /** SHA-256 of its canonical text, computed by whoever asks here. */
  readonly digest: string;
  readonly organization: string;
  readonly project: string;
  readonly requester: string;
  /** How many different people must approve. */
  readonly signers: number;
  /** Whether the requester may be one of them. */
  readonly requesterCounts: boolean;
}

/** Everything but `officers`, `request` and `now` may come from an attacker. */
export interface DataRequestQuestion extends TrustMaterial {
  readonly request: DataRequest;
  readonly approvals: readonly EnvelopeInput[];
  readonly now: Date;
}

export interface CountedDataApproval {
  readonly digest: string;
  readonly person: string;
  readonly expiresAt: Date;
}

export interface DataRequestDecision {
  readonly allowed: boolean;
  readonly approvals: readonly CountedDataApproval[];
  /** Empty exactly when allowed. */
  readonly reasons: readonly Refusal[];
}

/**
 * Whether enough people have signed a request for protected data, judged from their signatures alone.
 *
 * Allowed means: sound approvals of this very text by `signers` different people, each with a certificate of the
 * project that holds now; none of them the requester unless `requesterCounts`; no standing rejection. Never throws
 * for what an attacker can write. It does not know what was withheld: pass every rejection that was ever honoured.
 */
export function decideDataRequest({
  request,
  approvals,
  now,
  ...material
}: DataRequestQuestion): DataRequestDecision {
  const trust = new Trust(material);
  const sound = new Map<string, CountedDataApproval>();
  const keys = new Set<string>();
  const faults: Refusal[] = [];
  for (const input of approvals) {
    try {
      const judged = judge(readTrustDocument(input), request, trust, now);
      // One key counts once, whoever it was certified for.
      if (judged === undefined || keys.has(judged.keyId)) continue;
      keys.add(judged.keyId);
      sound.set(judged.approval.person, judged.approval);
    } catch (fault) {
      if (!(fault instanceof TrustError)) throw fault;
      faults.push({ code: fault.code, detail: fault.publicDetail });
    }
  }
  const counted = [...sound.values()];
  const rejected = faults.some(({ code }) => code === 'request_rejected');
  if (counted.length >= request.signers && !rejected)
    return { allowed: true, approvals: counted, reasons: [] };
  const missing = request.signers - counted.length;
  const lacking: Refusal[] =
    missing > 0
      ? [
          {
            code: 'quorum_not_met',
            detail: `${missing} more ${missing === 1 ? 'person' : 'people'} must sign.`,
          },
        ]
      : [];
  return { allowed: false, approvals: counted, reasons: [...faults, ...lacking] };
}

function judge(
  document: TrustDocument,
  request: DataRequest,
  trust: Trust,
  now: Date,
): { readonly approval: CountedDataApproval; readonly keyId: string } | undefined {
  requireType(document, DATA_APPROVAL_TYPE);
  const approval = readDataApproval(document);
  const { person } = approval;
  const certificates = trust.reviewersWhoSigned(document, approval);
  requireSameRequest(approval, request);
  const taken = trust.revocations.filter(
    ({ target, targetDigest }) => target === 'approval' && targetDigest === approval.digest,
  );
  if (approval.decision === 'reject') {
    if (taken.some((revocation) => revocation.byOfficer || revocation.person === person)) return undefined;
    throw new TrustError('request_rejected', `${person} rejected this request.`);
  }
  if (taken.length > 0) throw new TrustError('approval_revoked', `${person}'s approval was taken back.`);
  const [current] = trust.inForce(certificates, now);
  if (!request.requesterCounts && person === request.requester)
    throw new TrustError('requester_may_not_approve', `${person} made this request and may not approve it.`);
  requireInTime(approval, now);
  return {
    approval: { digest: approval.digest, person, expiresAt: approval.expiresAt },
    keyId: current?.keyId ?? '',
  };
}

function requireSameRequest(
  { person, requestDigest, organization, project }: DataApproval,
  request: DataRequest,
): void {
  if (requestDigest !== request.digest)
    throw new TrustError('approval_for_other_digest', `${person}'s decision is about ${requestDigest}.`);
  if (organization !== request.organization || project !== request.project)
    throw new TrustError(
      'approval_for_other_project',
      `${person}'s decision is about ${organization}/${project}.`,
    );
}

function requireInTime({ person, issuedAt, expiresAt }: DataApproval, now: Date): void {
  if (issuedAt.getTime() > now.getTime() + CLOCK_SKEW_MS)
    throw new TrustError(
      'approval_not_yet_valid',
      `${person}'s approval is dated ${issuedAt.toISOString()}.`,
    );
  if (now.getTime() >= expiresAt.getTime())
    throw new TrustError('approval_expired', `${person}'s approval ended at ${expiresAt.toISOString()}.`);
}
