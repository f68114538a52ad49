import type { KeyObject } from 'node:crypto';
import { keyIdOf, p256PublicKeyFromPem } from '@castellan/dsse';
import { CastellanError } from '@castellan/errors';
import { KeybrokerError } from '../keybroker-error.js';

/** A security officer: where trust begins. */
export interface Officer {
  readonly keyId: string;
  readonly name: string;
  /** PEM SubjectPublicKeyInfo, ECDSA P-256. */
  readonly publicKey: string;
  readonly key: KeyObject;
}

const BLOCK = /-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----/g;
const NAME_LINE = /^#\s*(\S.{0,99}?)\s*$/m;

/**
 * Reads public keys from PEM text. A comment line `# name` before a key names its officer; without one she goes by the
 * first eight digits of her key id.
 *
 * @throws KeybrokerError `officers_malformed` for no key at all, a key twice, or one that is not P-256
 */
export function readOfficers(text: string): readonly Officer[] {
  const officers: Officer[] = [];
  let from = 0;
  for (const block of text.matchAll(BLOCK)) {
    const [, name] = NAME_LINE.exec(text.slice(from, block.index)) ?? [];
    officers.push(officerOf(block[0], name));
    from = block.index + block[0].length;
  }
  if (officers.length === 0) throw malformed('It holds no public key.');
  if (new Set(officers.map(({ keyId }) => keyId)).size !== officers.length)
    throw malformed('It names a key twice.');
  return officers;
}

/** An officer from her public key. @throws KeybrokerError `officers_malformed` */
export function officerOf(pem: string, name?: string): Officer {
  try {
    const key = p256PublicKeyFromPem(pem);
    const keyId = keyIdOf(key);
    const publicKey = key.export({ type: 'spki', format: 'pem' }).toString();
    return { keyId, name: name ?? `officer-${keyId.slice(0, 8)}`, publicKey, key };
  } catch (cause) {
    if (cause instanceof CastellanError) throw malformed(cause.publicDetail, cause);
    throw cause;
  }
}

function malformed(reason: string, cause?: unknown): KeybrokerError {
  return new KeybrokerError({
    code: 'officers_malformed',
    kind: 'invalid',
    publicDetail: `The officers' file can not be used. ${reason}`,
    cause,
  });
}
