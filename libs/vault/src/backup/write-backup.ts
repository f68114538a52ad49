import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderBlobStore, type BlobStore } from '@castellan/blob-store';
import { readSnapshot } from '@castellan/database';
import type { Kms } from '@castellan/kms';
import { BackupError } from './backup-error.js';
import {
  BLOBS_FOLDER,
  CONTENTS_FILE,
  FORMAT,
  HEADER_FILE,
  keyContext,
  tableFile,
  type Contents,
  type Header,
  type StoredBlob,
} from './backup-format.js';
import type { BackupWatch } from './backup-watch.js';
import { copyBlob, listBlobs } from './copy-blobs.js';
import { packRows } from './row-lines.js';
import { SealedParts } from './sealed-parts.js';
import { writeNewFile } from './write-new-file.js';

/** What a backup is made of. */
export interface BackupSource {
  readonly databaseUrl: string;
  readonly blobs: BlobStore;
  readonly brokerFolder: string;
  readonly kms: Kms;
  /** How whoever restores opens the key store. */
  readonly keyStore: Header['keyStore'];
}

export interface BackupOptions {
  /** Where to: a folder of its own. */
  readonly folder: string;
  readonly now: Date;
  readonly watch: BackupWatch;
  readonly signal: AbortSignal;
}

/**
 * Writes a backup of an installation, which may be at work meanwhile. Format: SPEC.md beside this file.
 *
 * Order: the rows of one moment, then every blob, then the keybroker's files. So whatever a row names is there (blobs are
 * never changed, and removed only long after their rows), and what the broker remembers (revocations, destroyed keys) is never
 * older than the rows. `backup.json` comes last: a backup that was cut short is none, and the same call again goes on with it.
 *
 * Nothing readable is written: rows and broker files under a key of the backup's own, which the key store seals; blobs as
 * they are, which is sealed.
 * @throws BackupError `backup_exists`; what database, blob store and key store throw
 */
export async function writeBackup(source: BackupSource, options: BackupOptions): Promise<Contents> {
  const { folder, now, watch, signal } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await requireUnfinished(folder);
  const id = randomUUID();
  const bytes = randomBytes(32);
  const sealedKey = await source.kms.seal(bytes, keyContext(id));
  const parts = new SealedParts(folder, id, createSecretKey(bytes));
  bytes.fill(0);
  const rows = await writeTables(source.databaseUrl, parts, options);
  const blobs = await writeBlobs(source.blobs, options);
  watch.say("copying the keybroker's files");
  const contents: Contents = {
    createdAt: now.toISOString(),
    ...rows,
    brokerFiles: await readBrokerFiles(source.brokerFolder),
    blobs,
  };
  signal.throwIfAborted();
  await parts.write(CONTENTS_FILE, once(JSON.stringify(contents)));
  const { keyStore } = source;
  const header: Header = {
    format: FORMAT,
    id,
    keyStore,
    sealedKey: Buffer.from(sealedKey).toString('base64'),
  };
  await writeNewFile(join(folder, HEADER_FILE), `${JSON.stringify(header, null, 2)}\n`);
  return contents;
}

/** A folder that is empty, or holds what an interrupted backup has left. */
async function requireUnfinished(folder: string): Promise<void> {
  const ours = new Set([BLOBS_FOLDER, CONTENTS_FILE, `${HEADER_FILE}.new`, 'database']);
  const names = await readdir(folder);
  if (names.includes(HEADER_FILE))
    throw new BackupError(
      'backup_exists',
      `${folder} holds a backup already. Each backup has a folder of its own.`,
    );
  if (names.some((name) => !ours.has(name)))
    throw new BackupError(
      'backup_exists',
      `${folder} holds other things. Each backup has a folder of its own.`,
    );
}

function writeTables(
  databaseUrl: string,
  parts: SealedParts,
  { watch, signal }: BackupOptions,
): Promise<Pick<Contents, 'migrations' | 'tables'>> {
  return readSnapshot(databaseUrl, async ({ migrations, tables, rows }) => {
    watch.say(`copying ${tables.length} tables`);
    const written: Contents['tables'] = [];
    for (const name of tables) {
      let count = 0;
      const counted = async function* () {
        for await (const batch of rows(name)) {
          signal.throwIfAborted();
          count += batch.length;
          yield batch;
        }
      };
      await parts.write(tableFile(name), packRows(counted()));
      written.push({ name, rows: count });
    }
    return { migrations: [...migrations], tables: written };
  });
}

async function writeBlobs(from: BlobStore, { folder, watch, signal }: BackupOptions): Promise<StoredBlob[]> {
  const to = await FolderBlobStore.open(join(folder, BLOBS_FOLDER));
  const found = await listBlobs(from, signal);
  const progress = watch.transfer(
    `${found.length} blobs`,
    found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
  const copied: StoredBlob[] = [];
  for (const { key } of found) {
    const blob = await copyBlob(from, to, key, (bytes) => {
      signal.throwIfAborted();
      progress.advance(bytes);
    });
    if (blob !== undefined) copied.push(blob);
  }
  progress.done();
  return copied;
}

/** Sealed state and public copies. Not the root key file, which stands in the header, nor what is being written. */
async function readBrokerFiles(folder: string): Promise<Contents['brokerFiles']> {
  const found = ['state', 'public'].map(async (place) => {
    const names = (await readdir(join(folder, place))).filter((name) => !name.endsWith('.new'));
    return names.map((name) => `${place}/${name}`);
  });
  const paths = (await Promise.all(found)).flat();
  return Promise.all(
    paths.map(async (path) => ({ path, base64: (await readFile(join(folder, path))).toString('base64') })),
  );
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
