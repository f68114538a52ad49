import { z } from 'zod';
import { Id, Name, Sha256, Timestamp } from './primitives.js';

export const stages = ['uploading', 'quarantined', 'candidate', 'rejected', 'destroyed'] as const;
export const Stage = z.enum(stages);
export type Stage = z.infer<typeof Stage>;

// POST|GET /api/v1/models ; GET /api/v1/models/{model} (name or id)
export const CreateModel = z
  .object({ project: Name, name: Name, description: z.string().max(2000).default('') })
  .meta({ id: 'CreateModel' });
export type CreateModel = z.infer<typeof CreateModel>;
export const Model = z
  .object({
    id: Id,
    name: Name,
    project: Name,
    description: z.string(),
    createdAt: Timestamp,
    latestVersion: z.number().int().optional(),
    latestStage: Stage.optional(),
  })
  .meta({ id: 'Model' });
export type Model = z.infer<typeof Model>;
export const ModelList = z.object({ models: z.array(Model) }).meta({ id: 'ModelList' });
export type ModelList = z.infer<typeof ModelList>;

/**
 * A path inside a version: relative, `/`-separated, no `.` or `..` segments. People sign what they read, so it holds nothing
 * that is read otherwise than it is: no control characters, none that turn the direction of text.
 */
export const FilePath = z
  .string()
  .min(1, 'expected the name of a file')
  .max(500, 'expected at most 500 characters')
  .refine(
    (path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'expected a relative path without empty, "." or ".." segments',
  )
  .refine(
    (path) => path.isWellFormed() && !/[\\\p{Cc}\p{Bidi_Control}]/u.test(path),
    'expected no backslash, no control character and none that turns the direction of text',
  );

export const ManifestFile = z.object({
  path: FilePath,
  sizeBytes: z.number().int().nonnegative(),
  sha256: Sha256,
  /** Root of the digest tree (libs/pure/merkle-log/DIGEST-TREE.md), of a file of more than 4 MiB. */
  sha256Tree: Sha256.optional(),
});
export type ManifestFile = z.infer<typeof ManifestFile>;

/** What a version is. The SHA-256 of its canonical JSON is the version's identity. Files are sorted by path (code units). */
export const Manifest = z
  .object({
    format: z.literal('castellan.manifest/v1'),
    organization: Name,
    project: Name,
    model: Name,
    number: z.number().int().positive(),
    author: Name,
    createdAt: Timestamp,
    /** The digest that it had in a project of another name, on the platform that it came from. */
    origin: Sha256.optional(),
    files: z.array(ManifestFile).min(1),
  })
  .meta({ id: 'Manifest' });
export type Manifest = z.infer<typeof Manifest>;

export const Finding = z.object({
  code: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  path: z.string(),
  detail: z.string(),
});
export type Finding = z.infer<typeof Finding>;

export const Verdict = z.enum(['clean', 'findings', 'unreadable']);
export type Verdict = z.infer<typeof Verdict>;

export const ScanReport = z
  .object({
    format: z.literal('castellan.scan/v1'),
    scanner: z.string(),
    versionDigest: Sha256,
    detectedFormat: z.string(),
    verdict: Verdict,
    findings: z.array(Finding),
    scannedFiles: z.array(z.string()),
    /** Which digests of the manifest every file was compared with; absent in reports of earlier releases. */
    digests: z.array(z.string()).optional(),
    scannedAt: Timestamp,
  })
  .meta({ id: 'ScanReport' });
export type ScanReport = z.infer<typeof ScanReport>;

// POST|GET /api/v1/models/{model}/versions ; GET|DELETE /api/v1/versions/{id}
// PUT /api/v1/versions/{id}/files/{path…} (raw bytes) ; POST /api/v1/versions/{id}/finalize
// A version is also addressed as {model}@{number} wherever {id} stands.
export const Version = z
  .object({
    id: Id,
    model: Name,
    project: Name,
    number: z.number().int(),
    stage: Stage,
    author: Name,
    digest: Sha256.optional(),
    format: z.string().optional(),
    files: z.array(ManifestFile),
    scan: z.object({ digest: Sha256, verdict: Verdict, findings: z.array(Finding) }).optional(),
    createdAt: Timestamp,
    finalizedAt: Timestamp.optional(),
  })
  .meta({ id: 'Version' });
export type Version = z.infer<typeof Version>;
export const VersionList = z.object({ versions: z.array(Version) }).meta({ id: 'VersionList' });
export type VersionList = z.infer<typeof VersionList>;
export const FileStored = ManifestFile.meta({ id: 'FileStored' });

// GET|POST /api/v1/versions/{id}/uploads ; HEAD|PATCH|DELETE /api/v1/versions/{id}/uploads/{upload}: tus 1.0.0
/** A file that comes in by pieces. */
export const Upload = z
  .object({
    id: Id,
    path: FilePath,
    lengthBytes: z.number().int().nonnegative(),
    /** So much of it is stored, whatever happens. */
    offsetBytes: z.number().int().nonnegative(),
    createdAt: Timestamp,
    /** When it is given up if nobody goes on with it. */
    expiresAt: Timestamp,
  })
  .meta({ id: 'Upload' });
export type Upload = z.infer<typeof Upload>;
export const UploadList = z.object({ uploads: z.array(Upload) }).meta({ id: 'UploadList' });
export type UploadList = z.infer<typeof UploadList>;

// GET|PUT /api/v1/projects/{project}/quota
const Bytes = z.number().int().nonnegative();
export const SetQuota = z
  .object({ limitBytes: Bytes.nullable() })
  .meta({ id: 'SetQuota', description: 'How much the versions of a project may take; null: no limit.' });
export type SetQuota = z.infer<typeof SetQuota>;
export const Quota = z
  .object({
    project: Name,
    storedBytes: Bytes,
    /** Declared lengths of uploads that go on; abandoned ones are not counted. */
    uploadingBytes: Bytes,
    /** Absent: no limit. */
    limitBytes: Bytes.optional(),
  })
  .meta({ id: 'Quota' });
export type Quota = z.infer<typeof Quota>;

// GET /api/v1/versions/{id}/review : everything a reviewer needs in order to sign
export const Review = z
  .object({
    organization: Name,
    version: Version,
    manifest: z.string(),
    policyDigest: Sha256.optional(),
    evidence: z.array(z.object({ kind: z.string(), sha256: Sha256, verdict: z.string() })),
    evaluation: z.object({
      allowed: z.boolean(),
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
    }),
  })
  .meta({ id: 'Review' });
export type Review = z.infer<typeof Review>;
