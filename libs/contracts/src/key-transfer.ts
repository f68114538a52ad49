import { z } from 'zod';
import { Id, Name, Sha256, Timestamp } from './primitives.js';

/** A project's keys on their way to another platform, sealed to one certificate (castellan.project-root/v1). */

const KeyVersion = z.number().int().min(1);
const Order = z.object({ digest: Sha256, person: z.string() });

/** What the package says about itself, in the open; bound into the sealing and signed. */
export const ProjectRootHeader = z.strictObject({
  organization: Name,
  project: Name,
  projectId: Id,
  /** SHA-256 of the recipient's certificate (DER). */
  recipient: Sha256,
  exportedAt: Timestamp,
  nonce: Id,
  orders: z.array(z.strictObject({ digest: Sha256, person: Name })).length(2),
  /** In the order in which the sealed private halves stand; versions go up. */
  keys: z
    .array(z.strictObject({ id: Id, version: KeyVersion }))
    .min(1)
    .max(1000),
});
export type ProjectRootHeader = z.infer<typeof ProjectRootHeader>;

export const ProjectRootPackage = z
  .strictObject({
    format: z.literal('castellan.project-root/v1'),
    /** Canonical JSON of a ProjectRootHeader. */
    header: z.string().max(200_000),
    enc: z.base64().max(44),
    ciphertext: z.base64().max(2_000_000),
    /** RSA, SHA-256, by the sender's export signer. */
    signature: z.base64().max(2048),
    /** PEM: the signer's certificate and that of the authority which certified it. */
    certificates: z.tuple([z.string().max(8192), z.string().max(8192)]),
  })
  .meta({ id: 'ProjectRootPackage' });
export type ProjectRootPackage = z.infer<typeof ProjectRootPackage>;

// GET /api/v1/key-exports
export const KeyExport = z
  .object({
    projectId: Id,
    project: z.string(),
    recipient: Sha256,
    /** What the certificate calls its holder, and until when it is valid. */
    holder: z.string(),
    validUntil: Timestamp,
    certificate: z.string(),
    state: z.enum(['awaiting-second', 'ordered']),
    orders: z.array(Order),
  })
  .meta({ id: 'KeyExport' });
export type KeyExport = z.infer<typeof KeyExport>;
export const KeyExportList = z.object({ exports: z.array(KeyExport) }).meta({ id: 'KeyExportList' });
export type KeyExportList = z.infer<typeof KeyExportList>;

// POST /api/v1/key-exports
export const ExportKeys = z.object({ project: Name, recipient: Sha256 }).meta({ id: 'ExportKeys' });
export type ExportKeys = z.infer<typeof ExportKeys>;
/** `sender`: SHA-256 of this platform's authority, which the recipient states when importing. */
export const ExportedKeys = z
  .object({ package: ProjectRootPackage, sender: Sha256 })
  .meta({ id: 'ExportedKeys' });
export type ExportedKeys = z.infer<typeof ExportedKeys>;

// POST /api/v1/key-recipients
/** A certificate that one package can be sealed to. */
export const KeyRecipient = z
  .object({ certificate: z.string(), sha256: Sha256, validUntil: Timestamp })
  .meta({ id: 'KeyRecipient' });
export type KeyRecipient = z.infer<typeof KeyRecipient>;

// POST /api/v1/key-imports
export const ImportKeys = z
  .object({
    package: ProjectRootPackage,
    sender: Sha256,
    /** What the project is called here. Default: as it was there. */
    name: Name.optional(),
  })
  .meta({ id: 'ImportKeys' });
export type ImportKeys = z.infer<typeof ImportKeys>;
/** `versions`: of keys that came; new data goes under `current`, which was made here. */
export const ImportedKeys = z
  .object({ projectId: Id, project: Name, versions: z.array(KeyVersion), current: KeyVersion })
  .meta({ id: 'ImportedKeys' });
export type ImportedKeys = z.infer<typeof ImportedKeys>;

// The keybroker's side: GET, POST /v1/root-exports ; POST /v1/root-recipients ; POST /v1/root-imports
export const OrderedExport = KeyExport.extend({ organization: z.string() });
export type OrderedExport = z.infer<typeof OrderedExport>;
export const OrderedExportList = z.object({ exports: z.array(OrderedExport) });
export type OrderedExportList = z.infer<typeof OrderedExportList>;
export const RootExportRequest = z.object({ projectId: Id, recipient: Sha256 });
export type RootExportRequest = z.infer<typeof RootExportRequest>;
export const RootRecipientRequest = z.object({ organizationId: Id });
export type RootRecipientRequest = z.infer<typeof RootRecipientRequest>;
export const RootImportRequest = ImportKeys.omit({ name: true }).extend({ organizationId: Id });
export type RootImportRequest = z.infer<typeof RootImportRequest>;
