import { readFile } from 'node:fs/promises';
import type { KeyObject } from 'node:crypto';
import { keyIdOf, p256PublicKeyFromPem } from '@castellan/dsse';
import { CastellanError } from '@castellan/errors';
import { UsageError } from '../usage-error.js';

/** An officer whom the verifier trusts, known by key or by the key's fingerprint. */
export interface OfficerPin {
  readonly keyId: string;
  readonly key?: KeyObject;
}

/** A key id (lowercase hex SHA-256 of the key), or the path of a PEM file. @throws UsageError */
export async function readOfficerPin(text: string): Promise<OfficerPin> {
  const keyId = text.toLowerCase().replaceAll(':', '');
  if (/^[0-9a-f]{64}$/.test(keyId)) return { keyId };
  try {
    const key = p256PublicKeyFromPem(await readFile(text, 'utf8'));
    return { keyId: keyIdOf(key), key };
  } catch (cause) {
    const reason = cause instanceof CastellanError ? cause.publicDetail : 'The file can not be read.';
    throw new UsageError(`${text} names no officer: ${reason}`, cause);
  }
}
