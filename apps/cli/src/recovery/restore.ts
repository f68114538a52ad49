import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyStoredLog, type LogVerdict } from '@castellan/audit';
import { blobStoreFromUrl } from '@castellan/blob-store';
import { loadConfig } from '@castellan/config';
import { PrismaDatabase } from '@castellan/database';
import { openCheckpoint, VerifierKey } from '@castellan/signed-note';
import {
  checkBackup,
  openDestroyedList,
  readBackupHeader,
  restoreBackup,
  StoredBackup,
  type BackupContents,
  type BackupHeader,
  type BackupWatch,
} from '@castellan/vault';
import type { Invocation } from '../invocation.js';
import { closeAndBegin, type NewLogTerms, type Succession } from '../up/begin-new-log.js';
import { DataFolder } from '../up/data-folder.js';
import { ownServices, partsElsewhere } from '../up/own-services.js';
import { openDatabase } from '../up/supervised-database.js';
import { upConfig } from '../up/up.config.js';
import { UsageError } from '../usage-error.js';
import { unwatched } from './back-up.js';
import { openKeyStore } from './key-store.js';
import { brokerEnvironment, placeIn, placeOfServices, type Place } from './place.js';

const LOG_KEY = 'public/log.vkey';

export interface Restored {
  readonly contents: BackupContents;
  /** Of the log as it was backed up, under its last checkpoint. */
  readonly log: LogVerdict;
  readonly succession: Succession;
}

/** Opens all of a backup and compares every digest; restores nothing. @throws BackupError */
export async function checkOnly(
  invocation: Invocation,
  from: string,
  services: boolean,
): Promise<BackupContents> {
  const header = await readBackupHeader(from);
  const place = services ? placeOfServices(invocation) : await keyStoreOf(invocation, header);
  const backup = await StoredBackup.open(from, header, await openKeyStore(header.keyStore, place));
  await checkBackup(backup, { watch: watchOf(invocation), signal: invocation.signal });
  return backup.contents;
}

/** Restores into services that the environment names, and that hold nothing. */
export async function restoreServices(
  invocation: Invocation,
  from: string,
  terms: NewLogTerms,
): Promise<Restored> {
  const header = await readBackupHeader(from);
  const place = placeOfServices(invocation);
  const backup = await StoredBackup.open(from, header, await openKeyStore(header.keyStore, place));
  await requireNotes(backup, terms.held);
  return restore(invocation, backup, place, terms);
}

/** Restores into an empty data folder, over which `castellan up` then runs. It stays empty when that fails. @throws UpError */
export async function restoreFolder(
  invocation: Invocation,
  from: string,
  data: string,
  terms: NewLogTerms,
): Promise<Restored> {
  const header = await readBackupHeader(from);
  const keys = await keyStoreOf(invocation, header);
  const backup = await StoredBackup.open(from, header, await openKeyStore(header.keyStore, keys));
  await requireNotes(backup, terms.held);
  const services = ownServices(invocation.surroundings.environment);
  const folder = await DataFolder.forRestore(data, {
    now: invocation.now(),
    elsewhere: partsElsewhere(services),
  });
  try {
    invocation.signal.throwIfAborted();
    const database = await openDatabase(folder.database, services.databaseUrl, unwatched);
    try {
      const place = placeIn(folder, database.databaseUrl, keys.passphrase, services);
      const restored = await restore(invocation, backup, place, terms);
      await folder.noteStarted();
      return restored;
    } finally {
      await database.stop();
    }
  } catch (error) {
    await Promise.all(
      [folder.database, folder.blobs, folder.keybroker, folder.temporary, join(folder.path, 'logs')].map(
        (part) => rm(part, { recursive: true, force: true }),
      ),
    );
    throw error;
  } finally {
    folder.lock.release();
  }
}

async function restore(
  invocation: Invocation,
  backup: StoredBackup,
  place: Place,
  terms: NewLogTerms,
): Promise<Restored> {
  const watch = watchOf(invocation);
  const target = { ...place, blobs: await blobStoreFromUrl(place.blobUrl) };
  const steps = { watch, signal: invocation.signal };
  return restoreBackup(backup, target, steps, async (unfinished) => {
    const broker = { ...place, ...unfinished };
    watch.say('verifying the audit log');
    const log = await verifyRestoredLog(broker);
    watch.say('closing the audit log and beginning another');
    const succession = await closeAndBegin(
      brokerEnvironment(broker, invocation.surroundings.environment),
      terms,
    );
    return { contents: backup.contents, log, succession };
  });
}

/** Before anything is made of it: the new log's program would refuse them as well, at the very end. @throws UsageError */
async function requireNotes({ contents }: StoredBackup, files: readonly string[]): Promise<void> {
  const stored = contents.brokerFiles.find(({ path }) => path === LOG_KEY);
  const vkey = VerifierKey.parse(
    Buffer.from(stored?.base64 ?? '', 'base64')
      .toString()
      .trim(),
  );
  for (const file of files) {
    try {
      const note = await readFile(file, 'utf8');
      if (openDestroyedList(note, vkey) === undefined) openCheckpoint(note, vkey.name, [vkey]);
    } catch (cause) {
      throw new UsageError(
        `${file} is no checkpoint, and no list of what was destroyed, of the log that was backed up (${vkey.name}).`,
        cause,
      );
    }
  }
}

async function verifyRestoredLog({ databaseUrl, brokerFolder }: Place): Promise<LogVerdict> {
  const vkey = (await readFile(join(brokerFolder, LOG_KEY), 'utf8')).trim();
  const database = new PrismaDatabase({ url: databaseUrl, poolSize: 2 });
  try {
    return await verifyStoredLog(database, { origin: VerifierKey.parse(vkey).name, vkey });
  } finally {
    await database.close();
  }
}

/** For a data folder: the key store that comes with the backup, or its owner's. */
async function keyStoreOf(invocation: Invocation, { keyStore }: BackupHeader) {
  const given = loadConfig({ up: upConfig }, invocation.surroundings.environment).up.passphrase;
  const ask = () =>
    invocation.terminal.secret(
      'Passphrase of the key store: ',
      'Give the passphrase of the key store in CASTELLAN_PASSPHRASE or CASTELLAN_PASSPHRASE_FILE.',
    );
  const { kmsUrl, kmsToken } = ownServices(invocation.surroundings.environment);
  if (keyStore.kind === 'local' && kmsUrl !== undefined)
    throw new UsageError('This backup brings its own key store, which a passphrase opens: unset KMS_URL.');
  const passphrase = keyStore.kind === 'local' ? (given ?? (await ask())) : undefined;
  return { kmsFile: '', kmsUrl, kmsToken, passphrase };
}

function watchOf({ terminal }: Invocation): BackupWatch {
  return {
    say: (text) => terminal.say(terminal.style.dim(text)),
    transfer: (label, totalBytes) => terminal.progress(label, totalBytes),
  };
}
