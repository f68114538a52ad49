import { blobStoreFromUrl } from '@castellan/blob-store';
import { loadConfig } from '@castellan/config';
import { EmbeddedPostgres } from '@castellan/database';
import { writeBackup, type BackupContents } from '@castellan/vault';
import type { Invocation } from '../invocation.js';
import { DataFolder } from '../up/data-folder.js';
import { ownServices, partsElsewhere, requireSameParts } from '../up/own-services.js';
import { passphraseFor } from '../up/passphrase.js';
import { openDatabase } from '../up/supervised-database.js';
import { upConfig } from '../up/up.config.js';
import { describeKeyStore, openKeyStore } from './key-store.js';
import { placeIn, placeOfServices, type Place } from './place.js';

export interface BackupMade {
  readonly contents: BackupContents;
  /** The file that keeps the passphrase beside the data: without it the backup opens for nobody. */
  readonly passphraseKeptIn?: string;
}

/** Backs up services that the environment names. */
export async function backUpServices(invocation: Invocation, to: string): Promise<BackupMade> {
  return { contents: await backUp(invocation, placeOfServices(invocation), to) };
}

/** Backs up a data folder, whether `castellan up` runs over it or not. @throws UpError */
export async function backUpFolder(invocation: Invocation, data: string, to: string): Promise<BackupMade> {
  const seen = await DataFolder.look(data);
  const given = loadConfig({ up: upConfig }, invocation.surroundings.environment).up.passphrase;
  const services = ownServices(invocation.surroundings.environment);
  const elsewhere = partsElsewhere(services);
  requireSameParts(seen.path, seen.elsewhere, elsewhere);
  const passphrase = services.kmsUrl === undefined ? await passphraseFor(seen, given, false) : undefined;
  const kept = passphrase?.keptIn === undefined ? {} : { passphraseKeptIn: passphrase.keptIn };
  const contentsAt = (databaseUrl: string): Promise<BackupContents> =>
    backUp(invocation, placeIn(seen, databaseUrl, passphrase?.text, services), to);
  const running = services.databaseUrl ?? (await EmbeddedPostgres.urlOfRunning(seen.database));
  if (running !== undefined) return { contents: await contentsAt(running), ...kept };
  const folder = await DataFolder.open(data, { demo: false, now: invocation.now(), elsewhere });
  try {
    const database = await openDatabase(folder.database, undefined, unwatched);
    try {
      return { contents: await contentsAt(database.databaseUrl), ...kept };
    } finally {
      await database.stop();
    }
  } finally {
    folder.lock.release();
  }
}

export const unwatched = { died: () => undefined, restarted: () => undefined };

async function backUp(invocation: Invocation, place: Place, to: string): Promise<BackupContents> {
  const { terminal, signal } = invocation;
  const keyStore = await describeKeyStore(place);
  const source = {
    databaseUrl: place.databaseUrl,
    blobs: await blobStoreFromUrl(place.blobUrl),
    brokerFolder: place.brokerFolder,
    kms: await openKeyStore(keyStore, place),
    keyStore,
  };
  const watch = {
    say: (text: string) => terminal.say(terminal.style.dim(text)),
    transfer: (label: string, totalBytes: number) => terminal.progress(label, totalBytes),
  };
  return writeBackup(source, { folder: to, now: invocation.now(), watch, signal });
}
