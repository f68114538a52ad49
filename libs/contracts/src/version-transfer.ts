import { z } from 'zod';
import { Id, Name, Sha256 } from './primitives.js';
import { FilePath } from './registry.js';

/** A version on its way to another platform (libs/registry/VERSION-TRANSFER.md). Nothing of it is secret: bytes and keys are sealed. */

const Bytes = z.number().int().nonnegative();

/** One sealed blob, as it lies in the store. */
export const SealedSegment = z.strictObject({ startBytes: Bytes, sizeBytes: Bytes, dataKeyId: Id });
const ArrivingSegment = SealedSegment.extend({ sha256: Sha256 });
export type ArrivingSegment = z.infer<typeof ArrivingSegment>;

const transferOf = <S extends z.ZodType>(segment: S) =>
  z.strictObject({
    format: z.literal('castellan.version-transfer/v1'),
    versionId: Id,
    projectId: Id,
    /** Its SHA-256 is the version's identity. */
    manifest: z.string().max(50_000_000),
    versionDigest: Sha256,
    files: z.array(z.strictObject({ path: FilePath, segments: z.array(segment).min(1) })).min(1),
    /** Wrapped to the project's key-encryption keys, which go their own way. */
    dataKeys: z
      .array(
        z.strictObject({ id: Id, kekId: z.string(), context: z.string(), wrapped: z.base64().max(1_000) }),
      )
      .min(1),
  });

// GET /api/v1/versions/{version}/transfer ; GET /api/v1/versions/{version}/sealed/{n} : the n-th blob, counted over all files
export const VersionTransfer = transferOf(SealedSegment).meta({ id: 'VersionTransfer' });
export type VersionTransfer = z.infer<typeof VersionTransfer>;

// POST /api/v1/projects/{project}/arrivals
export const ArrivingVersion = transferOf(ArrivingSegment).meta({ id: 'ArrivingVersion' });
export type ArrivingVersion = z.infer<typeof ArrivingVersion>;

// GET /api/v1/projects/{project}/arrivals/{versionId} ; PUT …/{versionId}/{sha256} : one sealed blob
export const ArrivedBlobs = z.object({ blobs: z.array(Sha256) }).meta({ id: 'ArrivedBlobs' });
export type ArrivedBlobs = z.infer<typeof ArrivedBlobs>;

/** `transfer.json` of a courier's folder: its SHA-256 is told over another channel. */
export const TransferIndex = z.strictObject({
  format: z.literal('castellan.transfer/v1'),
  organization: Name,
  project: Name,
  projectId: Id,
  versions: z.array(
    z.strictObject({
      ref: z.string(),
      versionDigest: Sha256,
      /** Of `versions/<versionDigest>.json`, an ArrivingVersion. */
      sha256: Sha256,
      /** Of `evidence/<versionDigest>.tar`; absent where the version had none. */
      evidence: Sha256.optional(),
    }),
  ),
});
export type TransferIndex = z.infer<typeof TransferIndex>;
