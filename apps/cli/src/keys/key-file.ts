import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keyIdOf } from '@castellan/dsse';
import { CastellanError } from '@castellan/errors';

export interface PublicKey {
  readonly keyId: string;
  /** PEM SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

/** Asked only when a key file turns out to be encrypted. */
export type PassphraseSource = () => Promise<string>;

/**
 * Makes an ECDSA P-256 key and keeps it at `path` (PKCS#8 PEM, mode 0600; encrypted when there is a passphrase).
 * An existing file is never replaced: `key_file_exists`.
 */
export async function generateKeyFile(path: string, passphrase?: string): Promise<PublicKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    ...(passphrase !== undefined && { cipher: 'aes-256-cbc', passphrase }),
  });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, pem, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) throw cause;
    throw new CastellanError({
      code: 'key_file_exists',
      kind: 'conflict',
      publicDetail: `${path} already holds a key; move it away first.`,
    });
  }
  await chmod(path, 0o600);
  return publicPart(privateKey);
}

/**
 * Reads a signing key.
 * @throws `key_file_missing`, `key_file_exposed` (others may read it), `key_file_unreadable` (no P-256 key, or the wrong
 * passphrase)
 */
export async function readKeyFile(path: string, passphrase: PassphraseSource): Promise<KeyObject> {
  const pem = await readPrivately(path);
  const encrypted = pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
  const secret = encrypted ? await passphrase() : undefined;
  try {
    const key = createPrivateKey({
      key: pem,
      format: 'pem',
      ...(secret !== undefined && { passphrase: secret }),
    });
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch (cause) {
    throw unreadable(
      path,
      encrypted ? 'The passphrase may be wrong.' : 'It is not a PKCS#8 private key.',
      cause,
    );
  }
  throw unreadable(path, 'It is not an ECDSA P-256 key.');
}

export function publicPart(privateKey: KeyObject): PublicKey {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return { keyId: keyIdOf(privateKey), publicKey };
}

async function readPrivately(path: string): Promise<string> {
  let mode: number;
  let pem: string;
  try {
    [{ mode }, pem] = await Promise.all([stat(path), readFile(path, 'utf8')]);
  } catch (cause) {
    throw new CastellanError({
      code: 'key_file_missing',
      kind: 'not_found',
      publicDetail: `There is no key file at ${path}. Make one with "castellan keys generate", or name another with --key.`,
      cause,
    });
  }
  if (process.platform === 'win32' || (mode & 0o077) === 0) return pem;
  throw new CastellanError({
    code: 'key_file_exposed',
    kind: 'forbidden',
    publicDetail: `${path} may be read by others; run "chmod 600" on it, and think about a new key.`,
  });
}

function unreadable(path: string, detail: string, cause?: unknown): CastellanError {
  return new CastellanError({
    code: 'key_file_unreadable',
    kind: 'invalid',
    publicDetail: `${path} gives no signing key. ${detail}`,
    cause,
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error !== null && typeof error === 'object' && 'code' in error && error.code === code;
}
