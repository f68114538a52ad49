import { z } from 'zod';
import { BudgetShare } from './data-request.js';
import { Delta, Id, lossLimit, Sha256, Timestamp } from './primitives.js';
import { DocumentKind, DsseEnvelope } from './trust.js';

/** Requests and answers of the keybroker. Internal: mutual TLS, roles in the peer's certificate. */

export const EnrollRequest = z.object({
  role: z.enum(['api', 'gateway', 'worker', 'jobs']),
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  csr: z.string(),
  token: z.string(),
});
export type EnrollRequest = z.infer<typeof EnrollRequest>;
export const EnrollResponse = z.object({ certificate: z.string(), ca: z.string() });
export type EnrollResponse = z.infer<typeof EnrollResponse>;

export const KekRequest = z.object({ projectId: Id });
export type KekRequest = z.infer<typeof KekRequest>;
export const KekResponse = z.object({ kekId: z.string(), version: z.number().int(), publicKey: z.base64() });
export type KekResponse = z.infer<typeof KekResponse>;

/** A person's key as it is stored: X25519 public half, and the private half sealed by the KMS. */
export const SealedPersonKey = z.object({
  personId: Id,
  publicKey: z.base64(),
  sealedPrivate: z.base64().max(4_096),
});
export type SealedPersonKey = z.infer<typeof SealedPersonKey>;
export const MakePersonKeyRequest = z.object({ personId: Id });
export type MakePersonKeyRequest = z.infer<typeof MakePersonKeyRequest>;
export const OpenPersonKeysRequest = z.object({ keys: z.array(SealedPersonKey).max(500) });
export type OpenPersonKeysRequest = z.infer<typeof OpenPersonKeysRequest>;
export const OpenedPersonKeys = z.object({
  keys: z.array(z.object({ personId: Id, privateKey: z.base64() })),
});
export type OpenedPersonKeys = z.infer<typeof OpenedPersonKeys>;

export const HonourRequest = z.object({ envelope: DsseEnvelope });
export type HonourRequest = z.infer<typeof HonourRequest>;
export const HonourResponse = z.object({
  kind: DocumentKind,
  digest: Sha256,
  subject: z.string(),
  organization: z.string(),
  project: z.string().optional(),
});
export type HonourResponse = z.infer<typeof HonourResponse>;

export const EvaluationRequest = z.object({ versionId: Id });
export type EvaluationRequest = z.infer<typeof EvaluationRequest>;

/** Whether a request for protected data has the signatures it takes, judged from them alone. */
export const DataEvaluationRequest = z.object({ taskId: Id });
export type DataEvaluationRequest = z.infer<typeof DataEvaluationRequest>;
export const DataEvaluation = z
  .object({
    allowed: z.boolean(),
    reasons: z.array(z.object({ code: z.string(), detail: z.string() })),
    approvals: z.array(z.object({ digest: Sha256, person: z.string(), expiresAt: Timestamp })),
    /** SHA-256 of the text that was judged; absent: there was none to judge. */
    request: Sha256.optional(),
  })
  .meta({ id: 'DataEvaluation' });
export type DataEvaluation = z.infer<typeof DataEvaluation>;

/** A change of a limit as the broker keeps it: a raise that was signed for, or a lowering. Their order counts. */
export const GrantedRaise = z.object({
  /** SHA-256 of the request. */
  request: Sha256,
  share: BudgetShare,
  ...lossLimit,
  deltaLimit: Delta.optional(),
  /** It lowers. Absent: it raises. */
  lowers: z.literal(true).optional(),
  approvals: z.array(Sha256),
  grantedAt: Timestamp,
});
export type GrantedRaise = z.infer<typeof GrantedRaise>;
export const RaiseBudgetRequest = z.object({ taskId: Id });
export type RaiseBudgetRequest = z.infer<typeof RaiseBudgetRequest>;
/** All that was granted to the dataset of this document. */
export const GrantedRaisesRequest = z.object({ datasetId: Id, declaration: Sha256 });
export type GrantedRaisesRequest = z.infer<typeof GrantedRaisesRequest>;
export const GrantedRaises = z.object({ raises: z.array(GrantedRaise) });
export type GrantedRaises = z.infer<typeof GrantedRaises>;

export const Purpose = z.enum([
  'serve',
  'scan',
  'train',
  'measure',
  'classify',
  'outliers',
  'mask',
  'reidentify',
  'export',
]);
export type Purpose = z.infer<typeof Purpose>;
/** `task` is work on a dataset: the release is judged by its request. */
export const SubjectKind = z.enum(['version', 'dataset', 'task']);
export type SubjectKind = z.infer<typeof SubjectKind>;
export const ReleaseRequest = z.object({
  purpose: Purpose,
  subject: z.object({ kind: SubjectKind, id: Id }),
  deployment: z.string().optional(),
  ephemeralPublicKey: z.base64(),
});
export type ReleaseRequest = z.infer<typeof ReleaseRequest>;
export const ReleaseResponse = z.object({
  subject: z.object({ kind: SubjectKind, id: Id }),
  manifest: z.string().optional(),
  versionDigest: Sha256.optional(),
  files: z.array(
    z.object({
      path: z.string(),
      sizeBytes: z.number().int(),
      sha256: Sha256,
      /** Of the file's beginning; for most files that is all of it. */
      blobKey: z.string(),
      dataKeyId: z.string(),
      /** What follows it, in order: of a file that came in by pieces. */
      further: z.array(z.object({ blobKey: z.string(), dataKeyId: z.string() })),
    }),
  ),
  /**
   * Whether every approval that was counted attests a clean scan which found that each file has both digests that the manifest
   * names: then the tree alone tells a file.
   */
  treesAttested: z.boolean().optional(),
  keys: z.array(z.object({ dataKeyId: z.string(), enc: z.base64(), ciphertext: z.base64() })),
  lease: z.object({ id: z.string(), expiresAt: Timestamp }),
});
export type ReleaseResponse = z.infer<typeof ReleaseResponse>;
export const RenewResponse = z.object({ expiresAt: Timestamp });
export type RenewResponse = z.infer<typeof RenewResponse>;

export const SignCheckpointRequest = z.object({
  oldSize: z.string().regex(/^\d+$/),
  proof: z.array(z.base64()),
  checkpoint: z.string(),
});
export type SignCheckpointRequest = z.infer<typeof SignCheckpointRequest>;
export const SignCheckpointResponse = z.object({ note: z.string() });
export type SignCheckpointResponse = z.infer<typeof SignCheckpointResponse>;

/** `note` is absent until the first signature. */
export const LastCheckpointResponse = z.object({ note: z.string().optional() });
export type LastCheckpointResponse = z.infer<typeof LastCheckpointResponse>;

/** Leaf indexes as rising ranges, both ends included: `0-99,101`. */
export const ExpiryPermitRequest = z.object({ leaves: z.string().min(1).max(60_000) });
export type ExpiryPermitRequest = z.infer<typeof ExpiryPermitRequest>;
/** A signed note: see the audit lib's SPEC.md. */
export const ExpiryPermitResponse = z.object({ permit: z.string() });
export type ExpiryPermitResponse = z.infer<typeof ExpiryPermitResponse>;

export const CmsRequest = z.object({ content: z.base64() });
export type CmsRequest = z.infer<typeof CmsRequest>;
export const CmsResponse = z.object({ cms: z.string() });
export type CmsResponse = z.infer<typeof CmsResponse>;

export const S3SecretRequest = z.object({ credentialId: Id });
export type S3SecretRequest = z.infer<typeof S3SecretRequest>;
export const S3SecretResponse = z.object({ secret: z.base64url() });
export type S3SecretResponse = z.infer<typeof S3SecretResponse>;

export const ForwardingKeyRequest = z.object({ targetId: Id });
export type ForwardingKeyRequest = z.infer<typeof ForwardingKeyRequest>;
export const ForwardingKeyResponse = z.object({ key: z.base64url() });
export type ForwardingKeyResponse = z.infer<typeof ForwardingKeyResponse>;
