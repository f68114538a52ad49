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
  ROOT_EXPORT_ORDER_TYPE,
  rootExportOrderPayload,
  type RootExportOrder,
} from './web.js';
export { decideDestruction, type DestructionDecision } from './decide-destruction.js';
export {
  countOrders,
  type AcceptedOrder,
  type CountedOrder,
  type CountedOrders,
} from './two-person-order.js';
export { readRootExportOrder } from './root-export-order.js';
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
export { personDigest } from './person-digest.js';
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
export { verifyDocument, type VerifiedDocument, type VerifiedOrder } from './verify-document.js';
export {
  decideRelease,
  type CountedApproval,
  type Refusal,
  type ReleaseDecision,
  type ReleaseQuestion,
} from './decide-release.js';
