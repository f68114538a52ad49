import type { KeyObject } from 'node:crypto';
import {
  decideRelease,
  readApproval,
  readPolicy,
  Trust,
  type EnvelopeInput,
  type ReleaseDecision,
  type TrustMaterial,
} from '@castellan/approval-policy';
import type { BundleIndex, DocumentKind } from '@castellan/contracts';
import type { BundleDocument } from './documents.js';
import type { Faults } from './fault.js';
import { sha256 } from './sums.js';

export interface DecisionInput {
  readonly index: BundleIndex;
  readonly manifest: string;
  readonly scanReport: string;
  readonly documents: readonly BundleDocument[];
  /** The officers who are believed. */
  readonly officers: readonly KeyObject[];
}

/**
 * What the documents themselves say, by the rule that the keybroker applies, at the time of export. It is a fault when the
 * server judged otherwise, when an approval rests on another scan report than the bundle's, and when a document is signed
 * by somebody who had no say: it counts for nothing, and yet somebody put it there.
 */
export async function recomputeDecision(input: DecisionInput, faults: Faults): Promise<ReleaseDecision> {
  const { index, documents } = input;
  const material: TrustMaterial = {
    officers: input.officers,
    reviewerCertificates: envelopes(documents, 'reviewer-certificate'),
    revocations: envelopes(documents, 'revocation'),
  };
  await checkSigners(documents, new Trust(material), faults);
  const decision = decideRelease({
    ...material,
    manifest: input.manifest,
    versionDigest: index.versionDigest,
    policy: newestPolicy(documents),
    approvals: envelopes(documents, 'approval'),
    now: new Date(index.exportedAt),
  });
  if (decision.allowed !== index.evaluation.allowed)
    faults.add('decision_differs', 'bundle.json', disagreement(decision, index));
  const report = sha256(input.scanReport);
  for (const { document } of documents.filter(({ kind }) => kind === 'approval')) {
    const scan = readApproval(document).evidence.find(({ kind }) => kind === 'scan');
    if (scan !== undefined && scan.sha256 !== report && counts(decision, document.digest))
      faults.add(
        'scan_report_differs',
        'scan-report.json',
        `Approval ${document.digest} rests on another scan report.`,
      );
  }
  return decision;
}

async function checkSigners(
  documents: readonly BundleDocument[],
  trust: Trust,
  faults: Faults,
): Promise<void> {
  for (const { kind, document } of documents)
    await faults.guard(`documents/${document.digest}.dsse.json`, () => {
      if (kind === 'approval') trust.reviewersWhoSigned(document, readApproval(document));
      else if (kind === 'revocation') trust.verifyRevocation(document);
      else trust.requireOfficer(document);
    });
}

function counts(decision: ReleaseDecision, digest: string): boolean {
  return decision.countedApprovals.some((approval) => approval.digest === digest);
}

function newestPolicy(documents: readonly BundleDocument[]): EnvelopeInput | undefined {
  return documents
    .filter(({ kind }) => kind === 'policy')
    .map(({ document }) => ({ envelope: document.envelope, version: readPolicy(document).version }))
    .sort((a, b) => b.version - a.version)[0]?.envelope;
}

function envelopes(documents: readonly BundleDocument[], wanted: DocumentKind): EnvelopeInput[] {
  return documents.filter(({ kind }) => kind === wanted).map(({ document }) => document.envelope);
}

function disagreement(decision: ReleaseDecision, { evaluation }: BundleIndex): string {
  const reasons = decision.allowed ? [] : decision.reasons;
  const own = decision.allowed
    ? 'may be served'
    : `may not be served (${reasons.map(({ code }) => code).join(', ')})`;
  return `From the documents the version ${own}; the server said it ${evaluation.allowed ? 'may' : 'may not'}.`;
}
