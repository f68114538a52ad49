import { z } from 'zod';
import { Sha256, Timestamp } from './primitives.js';

/**
 * An evidence bundle is a POSIX tar (GET /api/v1/versions/{id}/evidence, application/x-tar) holding
 *
 *   README.txt            how to check everything with openssl and sha256sum alone (English and Chinese)
 *   SHA256SUMS            one line a file, in sha256sum's own format, all files but itself and its signature
 *   SHA256SUMS.cms        detached CMS signature (PEM) by the platform certificate
 *   ca.pem                the platform CA (compare its fingerprint with the one you were given)
 *   bundle.json           this schema
 *   manifest.json         the exact bytes whose SHA-256 is the version digest
 *   scan-report.json
 *   documents/<digest>.dsse.json      policy, reviewer certificates, approvals, revocations (DSSE envelopes)
 *   documents/<digest>.payload.json   the same payload, decoded
 *   documents/<digest>.pae            the exact bytes that were signed
 *   documents/<digest>.<n>.sig        DER signatures
 *   keys/<keyid>.pem                  public keys of officers and reviewers
 *   audit/checkpoint.txt              signed note
 *   audit/<index>.leaf.json           leaves about this version
 *   audit/<index>.tlog-proof          C2SP tlog-proof for each
 *   audit/log.vkey
 *   audit/timestamp/checkpoint.txt    where a time-stamp authority is configured: an earlier signed note,
 *   audit/timestamp/token.tst         the RFC 3161 TimeStampToken (DER) over its bytes,
 *   audit/timestamp/consistency.txt   and the consistency proof from it to audit/checkpoint.txt, a Base64 hash a line
 */
export const BundleIndex = z
  .object({
    format: z.literal('castellan.evidence/v1'),
    model: z.string(),
    number: z.number().int(),
    versionDigest: Sha256,
    exportedAt: Timestamp,
    logOrigin: z.string(),
    treeSize: z.string(),
    officers: z.array(z.object({ keyId: Sha256, name: z.string() })),
    documents: z.array(z.object({ digest: Sha256, kind: z.string() })),
    leaves: z.array(z.object({ index: z.string(), eventId: z.string(), action: z.string() })),
    /** The keybroker's judgement at the time of export; a verifier recomputes it from the documents. */
    evaluation: z.object({
      allowed: z.boolean(),
      reasons: z.array(z.object({ code: z.string(), detail: z.string() })),
    }),
  })
  .meta({ id: 'BundleIndex' });
export type BundleIndex = z.infer<typeof BundleIndex>;
