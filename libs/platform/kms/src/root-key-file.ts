import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { z } from 'zod';
import { KmsError } from './kms-error.js';
import { keyFromPassphrase, passphraseHashing, RECOMMENDED } from './passphrase-key.js';
import { openSecret, sealSecret } from './sealed-secret.js';

const ROOT_KEY_BYTES = 32;
const SALT_BYTES = 16;
const MIN_PASSPHRASE_CHARACTERS = 12;

const header = z.strictObject({ format: z.literal('castellan.root-key/v1'), passphrase: passphraseHashing });
const rootKeyFile = header.extend({ sealedRootKey: z.base64() });

/** A new root key, and the text of the file that keeps it. Fails with `kms_passphrase_weak`. */
export async function createRootKey(passphrase: string): Promise<{ rootKey: KeyObject; text: string }> {
  if ([...passphrase].length < MIN_PASSPHRASE_CHARACTERS) throw new KmsError('kms_passphrase_weak');
  const salt = randomBytes(SALT_BYTES).toString('base64');
  const head = { format: 'castellan.root-key/v1', passphrase: { ...RECOMMENDED, salt } } as const;
  const bytes = randomBytes(ROOT_KEY_BYTES);
  const sealed = sealSecret(await keyFromPassphrase(passphrase, head.passphrase), bytes, aadOf(head));
  const rootKey = createSecretKey(bytes);
  bytes.fill(0);
  return {
    rootKey,
    text: `${JSON.stringify({ ...head, sealedRootKey: sealed.toString('base64') }, null, 2)}\n`,
  };
}

/** The root key in a file's text. Fails with `kms_file_malformed` or `kms_passphrase_wrong`. */
export async function openRootKey(text: string, passphrase: string): Promise<KeyObject> {
  const { sealedRootKey, ...head } = parse(text);
  const key = await keyFromPassphrase(passphrase, head.passphrase);
  const bytes = openSecret(key, Buffer.from(sealedRootKey, 'base64'), aadOf(head));
  if (bytes === undefined) throw new KmsError('kms_passphrase_wrong');
  const rootKey = createSecretKey(bytes);
  bytes.fill(0);
  return rootKey;
}

/** What isn't sealed is authenticated all the same. */
function aadOf(head: z.infer<typeof header>): Buffer {
  return Buffer.from(canonicalize(head));
}

function parse(text: string): z.infer<typeof rootKeyFile> {
  try {
    return rootKeyFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new KmsError('kms_file_malformed', cause);
  }
}
