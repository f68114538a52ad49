import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '@castellan/blob-store';
import { DatabaseError, fillDatabase } from '@castellan/database';
import { BackupError } from './backup-error.js';
import type { BackupWatch } from './backup-watch.js';
import { copyBlob } from './copy-blobs.js';
import { requireSame, type StoredBackup } from './stored-backup.js';
import { writeNewFile } from './write-new-file.js';

export interface RestoreTarget {
  readonly databaseUrl: string;
  readonly blobs: BlobStore;
  readonly brokerFolder: string;
  /** Where a local key store keeps its root key file. */
  readonly kmsFile: string;
}

interface Steps {
  readonly watch: BackupWatch;
  readonly signal: AbortSignal;
}

/** The broker's folder before it may be used: its state, and the key store's file if that is a local one. */
export interface UnfinishedBroker {
  readonly brokerFolder: string;
  readonly kmsFile: string;
}

/**
 * Gives an empty installation what a backup holds: blobs, then rows, then the keybroker's files. These stay aside until
 * `beginNewLog` resolves: the signer was set back, and a broker that was started with it as it is could sign a second history.
 * What dies on the way leaves no state that any broker takes for its own. It may be repeated, except over rows or other blobs.
 *
 * @throws BackupError `backup_damaged`, `backup_version`, `backup_exists` (the broker's folder is in use); DatabaseError
 *   `database_not_empty`; BlobStoreError `blob_exists`; whatever `beginNewLog` throws
 */
export async function restoreBackup<T>(
  backup: StoredBackup,
  target: RestoreTarget,
  steps: Steps,
  beginNewLog: (broker: UnfinishedBroker) => Promise<T>,
): Promise<T> {
  const { brokerFolder, kmsFile } = target;
  await requireFree(brokerFolder);
  await restoreBlobs(backup, target.blobs, steps);
  await restoreTables(backup, target.databaseUrl, steps);
  const aside = join(brokerFolder, 'restoring');
  await rm(aside, { recursive: true, force: true });
  const unfinished = { brokerFolder: aside, kmsFile: join(aside, 'kms.json') };
  await writeBroker(backup, unfinished);
  const begun = await beginNewLog(unfinished);
  if (backup.keyStore.kind === 'local') await writeNewFile(kmsFile, backup.keyStore.rootKeyFile);
  for (const part of ['public', 'state']) await rename(join(aside, part), join(brokerFolder, part));
  await rm(aside, { recursive: true });
  return begun;
}

async function writeBroker(
  { keyStore, contents }: StoredBackup,
  { brokerFolder, kmsFile }: UnfinishedBroker,
): Promise<void> {
  if (keyStore.kind === 'local') await writeNewFile(kmsFile, keyStore.rootKeyFile);
  for (const { path, base64 } of contents.brokerFiles)
    await writeNewFile(join(brokerFolder, path), Buffer.from(base64, 'base64'));
}

/** Opens everything and compares every digest; restores nothing. @throws BackupError `backup_damaged` */
export async function checkBackup(backup: StoredBackup, { watch, signal }: Steps): Promise<void> {
  for (const table of backup.contents.tables)
    for await (const _ of backup.rows(table)) signal.throwIfAborted();
  await eachBlob(backup, { watch, signal }, (blob, advance) => backup.checkBlob(blob, advance));
}

async function requireFree(brokerFolder: string): Promise<void> {
  const names = await readdir(brokerFolder).catch((): string[] => []);
  if (names.includes('state'))
    throw new BackupError('backup_exists', `${brokerFolder} holds the state of a keybroker already.`);
}

function restoreBlobs(backup: StoredBackup, to: BlobStore, steps: Steps): Promise<void> {
  return eachBlob(backup, steps, async (blob, advance) => {
    const copied = await copyBlob(backup.blobs, to, blob.key, advance);
    if (copied?.sha256 === blob.sha256) return;
    // What was copied is not what was backed up: it must not stay.
    if (copied !== undefined) await to.delete(blob.key);
    requireSame(blob, copied);
  });
}

async function eachBlob(
  { contents: { blobs } }: StoredBackup,
  { watch, signal }: Steps,
  work: (blob: (typeof blobs)[number], advance: (bytes: number) => void) => Promise<void>,
): Promise<void> {
  const progress = watch.transfer(
    `${blobs.length} blobs`,
    blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
  for (const blob of blobs)
    await work(blob, (bytes) => {
      signal.throwIfAborted();
      progress.advance(bytes);
    });
  progress.done();
}

async function restoreTables(
  backup: StoredBackup,
  databaseUrl: string,
  { watch, signal }: Steps,
): Promise<void> {
  const { migrations, tables } = backup.contents;
  watch.say(`filling ${tables.length} tables`);
  const stored = tables.map((table) => ({
    name: table.name,
    rows: async function* () {
      for await (const batch of backup.rows(table)) {
        signal.throwIfAborted();
        yield batch;
      }
    },
  }));
  await fillDatabase(databaseUrl, migrations, stored).catch((cause: unknown) => {
    if (!(cause instanceof DatabaseError && cause.code === 'migration_history_differs')) throw cause;
    const detail = `The backup is of another release. ${cause.publicDetail}`;
    throw new BackupError('backup_version', detail, cause);
  });
}
