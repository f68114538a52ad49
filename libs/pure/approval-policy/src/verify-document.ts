import { APPROVAL_TYPE, readApproval, type Approval } from './approval.js';
import { DATA_APPROVAL_TYPE, readDataApproval, type DataApproval } from './data-approval.js';
import { DESTRUCTION_ORDER_TYPE, readDestructionOrder, type DestructionOrder } from './destruction-order.js';
import { POLICY_TYPE, readPolicy, type Policy } from './policy.js';
import { REVIEWER_CERTIFICATE_TYPE, type ReviewerCertificate } from './reviewer-certificate.js';
import { REVOCATION_TYPE } from './revocation.js';
import { readRootExportOrder, ROOT_EXPORT_ORDER_TYPE, type RootExportOrder } from './root-export-order.js';
import type { SigningScope, Trust, VerifiedRevocation } from './trust.js';
import { readTrustDocument, type EnvelopeInput, type TrustDocument } from './trust-document.js';
import { TrustError } from './trust-error.js';

/** A document whose signature and scope hold at the time it is handed in. */
export type VerifiedDocument =
  | {
      readonly kind: 'reviewer-certificate';
      readonly document: TrustDocument;
      readonly content: ReviewerCertificate;
    }
  | { readonly kind: 'policy'; readonly document: TrustDocument; readonly content: Policy }
  | { readonly kind: 'approval'; readonly document: TrustDocument; readonly content: Approval }
  | { readonly kind: 'data-approval'; readonly document: TrustDocument; readonly content: DataApproval }
  | { readonly kind: 'revocation'; readonly document: TrustDocument; readonly content: VerifiedRevocation }
  | VerifiedOrder;

/** One of the two people's words that something grave takes. */
export type VerifiedOrder = {
  readonly document: TrustDocument;
  /** Who signed, as far as two orders are by two people: an officer by her key, a reviewer by her certified name. */
  readonly signer: string;
} & (
  | { readonly kind: 'destruction-order'; readonly content: DestructionOrder }
  | { readonly kind: 'root-export-order'; readonly content: RootExportOrder }
);

/**
 * Checks a document at the border, before it is kept or passed on.
 *
 * Stricter than the later judgement: a reviewer's certificate must be in force now, for revocations too. Whether an
 * approval will count (author, policy, gates, dates) is for `decideRelease` to say, each time anew.
 *
 * @throws TrustError
 */
export function verifyDocument(input: EnvelopeInput, trust: Trust, now: Date): VerifiedDocument {
  const document = readTrustDocument(input);
  switch (document.predicateType) {
    case REVIEWER_CERTIFICATE_TYPE:
      return { kind: 'reviewer-certificate', document, content: trust.verifyCertificate(document) };
    case POLICY_TYPE:
      trust.requireOfficer(document);
      return { kind: 'policy', document, content: readPolicy(document) };
    case APPROVAL_TYPE: {
      const content = readApproval(document);
      trust.inForce(trust.reviewersWhoSigned(document, content), now);
      return { kind: 'approval', document, content };
    }
    case DATA_APPROVAL_TYPE: {
      const content = readDataApproval(document);
      trust.inForce(trust.reviewersWhoSigned(document, content), now);
      return { kind: 'data-approval', document, content };
    }
    case REVOCATION_TYPE: {
      const content = trust.verifyRevocation(document);
      if (!content.byOfficer) trust.inForce(trust.reviewersWhoSigned(document, content), now);
      return { kind: 'revocation', document, content };
    }
    case DESTRUCTION_ORDER_TYPE: {
      const content = readDestructionOrder(document);
      return {
        kind: 'destruction-order',
        document,
        content,
        signer: signerOf(document, content, trust, now),
      };
    }
    case ROOT_EXPORT_ORDER_TYPE: {
      const content = readRootExportOrder(document);
      return {
        kind: 'root-export-order',
        document,
        content,
        signer: signerOf(document, content, trust, now),
      };
    }
    default:
      throw new TrustError('document_kind_unknown', `Nobody here reads ${document.predicateType}.`);
  }
}

function signerOf(document: TrustDocument, scope: SigningScope, trust: Trust, now: Date): string {
  const [officer] = trust.officersWhoSigned(document);
  if (officer !== undefined) return `officer/${officer}`;
  const [reviewer] = trust.inForce(trust.reviewersWhoSigned(document, scope), now);
  return `person/${reviewer?.person}`;
}
