import { z } from 'zod';
import { Id, Sha256, Timestamp } from './primitives.js';

/** DSSE v1. `payload` is the base64 of the canonical JSON of an in-toto statement. */
export const DsseEnvelope = z
  .object({
    payload: z.base64(),
    payloadType: z.string(),
    signatures: z
      .array(z.object({ sig: z.base64(), keyid: z.string() }))
      .min(1)
      .max(16),
  })
  .meta({ id: 'DsseEnvelope' });
export type DsseEnvelope = z.infer<typeof DsseEnvelope>;

export const documentKinds = [
  'reviewer-certificate',
  'policy',
  'approval',
  'revocation',
  'data-approval',
  'destruction-order',
  'root-export-order',
] as const;
export const DocumentKind = z.enum(documentKinds);
export type DocumentKind = z.infer<typeof DocumentKind>;

// POST /api/v1/trust-documents ; GET /api/v1/trust-documents?kind=&subject=
export const SubmitDocument = z.object({ envelope: DsseEnvelope }).meta({ id: 'SubmitDocument' });
export type SubmitDocument = z.infer<typeof SubmitDocument>;
export const TrustDocument = z
  .object({
    digest: Sha256,
    kind: DocumentKind,
    subject: z.string(),
    envelope: DsseEnvelope,
    submittedBy: Id,
    createdAt: Timestamp,
  })
  .meta({ id: 'TrustDocument' });
export type TrustDocument = z.infer<typeof TrustDocument>;
export const TrustDocumentList = z
  .object({ documents: z.array(TrustDocument) })
  .meta({ id: 'TrustDocumentList' });
export type TrustDocumentList = z.infer<typeof TrustDocumentList>;

// GET /api/v1/trust : the root that evidence is checked against, as the keybroker states it
export const TrustRoot = z
  .object({
    logOrigin: z.string(),
    logVkey: z.string(),
    caPem: z.string(),
    officers: z.array(z.object({ keyId: Sha256, name: z.string(), publicKey: z.string() })),
    policies: z.array(DsseEnvelope),
    reviewerCertificates: z.array(DsseEnvelope),
    revocations: z.array(DsseEnvelope),
  })
  .meta({ id: 'TrustRoot' });
export type TrustRoot = z.infer<typeof TrustRoot>;

/** Why a version may or may not be served now, judged by the keybroker from signatures alone. */
export const Evaluation = z
  .object({
    allowed: z.boolean(),
    versionDigest: Sha256,
    policyDigest: Sha256.optional(),
    reasons: z.array(z.object({ code: z.string(), detail: z.string() })),
    approvals: z.array(
      z.object({
        digest: Sha256,
        person: z.string(),
        role: z.string(),
        issuedAt: Timestamp,
        expiresAt: Timestamp,
      }),
    ),
  })
  .meta({ id: 'Evaluation' });
export type Evaluation = z.infer<typeof Evaluation>;
