import { z } from 'zod';

export const FORMAT = 'castellan.backup/v1';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** `backup.json`: what is needed to open the rest, and nothing more; none of it is secret. */
export const Header = z.strictObject({
  format: z.literal(FORMAT),
  id: z.uuid(),
  keyStore: z.discriminatedUnion('kind', [
    /** The root key file, itself sealed by a passphrase. */
    z.strictObject({ kind: z.literal('local'), rootKeyFile: z.string() }),
    z.strictObject({ kind: z.literal('remote') }),
  ]),
  /** The backup's key, sealed by the key store. */
  sealedKey: z.base64(),
});
export type Header = z.infer<typeof Header>;
/** What the header of every release says. */
export const AnyHeader = z.object({ format: z.string() });

/** `contents.sealed`: what belongs to the backup. */
export const Contents = z.strictObject({
  createdAt: z.iso.datetime(),
  migrations: z.array(z.strictObject({ name: z.string(), checksum: z.string() })),
  tables: z.array(z.strictObject({ name: z.string().regex(/^[A-Za-z]\w*$/), rows: z.int().min(0) })),
  /** Of the keybroker's folder, by path below it. */
  brokerFiles: z.array(z.strictObject({ path: z.string(), base64: z.base64() })),
  blobs: z.array(z.strictObject({ key: z.string(), sizeBytes: z.int().min(0), sha256: Sha256 })),
});
export type Contents = z.infer<typeof Contents>;
export type StoredBlob = Contents['blobs'][number];

export const HEADER_FILE = 'backup.json';
export const CONTENTS_FILE = 'contents.sealed';
export const BLOBS_FOLDER = 'blobs';

export function tableFile(table: string): string {
  return `database/${table}.sealed`;
}

/** Binds the backup's key at the key store. */
export function keyContext(id: string): string {
  return `castellan/backup/v1/${id}`;
}

/** Binds a sealed file to its backup and its place there. */
export function fileContext(id: string, file: string): Uint8Array {
  return Buffer.from(`castellan/backup/v1/${id}/${file}`);
}
