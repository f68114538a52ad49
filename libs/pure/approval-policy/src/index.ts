export {
  APPROVAL_TYPE,
  approvalPayload,
  type Approval,
  DATA_APPROVAL_TYPE,
  dataApprovalPayload,
  type DataApproval,
  type Evidence,
  DESTRUCTION_ORDER_TYPE,
  destructionOrderPayload,
  type DestructionOrder,
  type DestructionTarget,
  REVOCATION_TYPE,
  revocationPayload,
  type Revocation,
  type RevocationTarget,
} from './web.js';
export {
  decideDestruction,
  type AcceptedOrder,
  type CountedOrder,
  type DestructionDecision,
} from './decide-destruction.js';
export { readDestructionOrder } from './destruction-order.js';
export { readApproval } from './approval.js';
export { readDataApproval } from './data-approval.js';
export {
  decideDataRequest,
  type CountedDataApproval,
  type DataRequest,
  type DataRequestDecision,
  type DataRequestQuestion,
} from './decide-data-request.js';
export { readRevocation } from './revocation.js';
export {
  POLICY_TYPE,
  policyPayload,
  projectDigest,
  readPolicy,
  type Policy,
  type QuorumPart,
} from './policy.js';
export {
  REVIEWER_CERTIFICATE_TYPE,
  readReviewerCertificate,
  reviewerCertificatePayload,
  type ReviewerCertificate,
} from './reviewer-certificate.js';
export { readManifest, type ManifestFile, type VersionManifest } from './manifest.js';
export { readTrustDocument, type EnvelopeInput, type TrustDocument } from './trust-document.js';
export { CLOCK_SKEW_MS, Trust, type TrustMaterial, type VerifiedRevocation } from './trust.js';
export { TrustError, type TrustErrorCode } from './trust-error.js';
export { verifyDocument, type VerifiedDocument } from './verify-document.js';
export {
  decideRelease,
  type CountedApproval,
  type Refusal,
  type ReleaseDecision,
  type ReleaseQuestion,
} from './decide-release.js';
