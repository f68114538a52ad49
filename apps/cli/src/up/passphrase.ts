import type { DataFolder } from './data-folder.js';
import { keptSecret, newSecret, readSecret } from './kept-secret.js';
import { UpError } from './up-error.js';

export interface Passphrase {
  readonly text: string;
  /** The file that keeps it beside the data that it protects: worth a warning. */
  readonly keptIn?: string;
}

/**
 * The passphrase of the keybroker's key store: the given one; for a demo a new one that lives in memory only; otherwise one
 * made at first start and kept in the data folder (0600), where it protects against nothing but a copied `keybroker` folder.
 *
 * @throws UpError `passphrase_missing` when the folder was first started with a passphrase of its owner's
 */
export async function passphraseFor(
  folder: DataFolder,
  given: string | undefined,
  demo: boolean,
): Promise<Passphrase> {
  if (given !== undefined) return { text: given };
  if (demo) return { text: newSecret() };
  const keptIn = folder.passphraseFile;
  const text = folder.isNew ? await keptSecret(keptIn) : await readSecret(keptIn);
  if (text !== undefined) return { text, keptIn };
  throw new UpError(
    'passphrase_missing',
    'invalid',
    'This folder was started with a passphrase. Give it in CASTELLAN_PASSPHRASE or CASTELLAN_PASSPHRASE_FILE.',
  );
}
