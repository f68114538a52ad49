import { createSecretKey } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CastellanError } from '@castellan/errors';
import type { Kms } from '@castellan/kms';
import { BackupError } from './backup-error.js';
import {
  AnyHeader,
  BLOBS_FOLDER,
  Contents,
  CONTENTS_FILE,
  FORMAT,
  Header,
  HEADER_FILE,
  keyContext,
  tableFile,
  type StoredBlob,
} from './backup-format.js';
import { digestOf, type BlobSource } from './copy-blobs.js';
import { unpackRows } from './row-lines.js';
import { damaged, SealedParts } from './sealed-parts.js';

/** What can be told without any key. @throws BackupError `backup_missing`, `backup_version`, `backup_damaged` */
export async function readHeader(folder: string): Promise<Header> {
  let text: string;
  try {
    text = await readFile(join(folder, HEADER_FILE), 'utf8');
  } catch (cause) {
    const detail = `${folder} holds no backup, or one that was never finished (it has no ${HEADER_FILE}).`;
    throw new BackupError('backup_missing', detail, cause);
  }
  try {
    const value: unknown = JSON.parse(text);
    const { format } = AnyHeader.parse(value);
    if (format !== FORMAT)
      throw new BackupError('backup_version', `This is a ${format}; this release reads ${FORMAT}.`);
    return Header.parse(value);
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    throw damaged(HEADER_FILE, cause);
  }
}

/** A backup that was opened: everything it gives is what was written, or an error says which file is not. */
export class StoredBackup {
  private constructor(
    readonly keyStore: Header['keyStore'],
    readonly contents: Contents,
    private readonly parts: SealedParts,
    /** Ciphertext as it was found; compare with `contents.blobs`. */
    readonly blobs: BlobSource,
  ) {}

  /** @throws BackupError `backup_key_store` when this key store did not seal it; `backup_damaged` */
  static async open(folder: string, header: Header, kms: Kms): Promise<StoredBackup> {
    const parts = new SealedParts(folder, header.id, await openKey(header, kms));
    const pieces = await Array.fromAsync(parts.read(CONTENTS_FILE));
    const contents = Contents.parse(JSON.parse(Buffer.concat(pieces).toString('utf8')));
    return new StoredBackup(header.keyStore, contents, parts, blobsIn(folder));
  }

  /** @throws BackupError `backup_damaged`, possibly after rows that were given */
  async *rows({ name, rows }: Contents['tables'][number]): AsyncGenerator<string[], void, undefined> {
    const file = tableFile(name);
    let count = 0;
    for await (const batch of this.#unpacked(file)) {
      count += batch.length;
      yield batch;
    }
    if (count !== rows) throw damaged(file);
  }

  async *#unpacked(file: string): AsyncGenerator<string[], void, undefined> {
    try {
      yield* unpackRows(this.parts.read(file));
    } catch (cause) {
      throw cause instanceof BackupError ? cause : damaged(file, cause);
    }
  }

  /** Reads a blob of the backup whole. @throws BackupError `backup_damaged` */
  async checkBlob(blob: StoredBlob, watch: (bytes: number) => void): Promise<void> {
    requireSame(blob, await digestOf(this.blobs, blob.key, watch));
  }
}

export function requireSame(expected: StoredBlob, found: StoredBlob | undefined): void {
  if (found?.sha256 !== expected.sha256) throw damaged(blobFile(expected.key));
}

function blobFile(key: string): string {
  return `${BLOBS_FOLDER}/${key}.blob`;
}

/** Not a FolderBlobStore, which writes: a backup may lie where nobody can. */
function blobsIn(folder: string): BlobSource {
  return {
    get: async function* (key) {
      try {
        yield* createReadStream(join(folder, blobFile(key)));
      } catch (cause) {
        throw damaged(blobFile(key), cause);
      }
    },
  };
}

async function openKey({ id, sealedKey }: Header, kms: Kms) {
  try {
    const bytes = await kms.unseal(Buffer.from(sealedKey, 'base64'), keyContext(id));
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  } catch (cause) {
    if (cause instanceof CastellanError && cause.kind === 'unavailable') throw cause;
    const detail = `This key store did not seal the backup, or ${HEADER_FILE} was changed.`;
    throw new BackupError('backup_key_store', detail, cause);
  }
}
