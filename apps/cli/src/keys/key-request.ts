import { readFile } from 'node:fs/promises';
import { Name, Sha256 } from '@castellan/contracts';
import { keyIdOf, p256PublicKeyFromPem } from '@castellan/dsse';
import { z } from 'zod';
import { UsageError } from '../usage-error.js';

/**
 * What a reviewer hands to a security officer: "this key is mine". It proves nothing by itself; the officer compares the
 * key id with the reviewer over another channel before signing.
 */
export const KeyRequest = z.object({
  format: z.literal('castellan.key-request/v1'),
  organization: Name,
  person: Name,
  keyId: Sha256,
  publicKey: z.string(),
});
export type KeyRequest = z.infer<typeof KeyRequest>;

/** @throws UsageError for a file that is no request, or whose key id is not its key's. */
export async function readKeyRequest(path: string): Promise<KeyRequest> {
  let request: KeyRequest;
  try {
    request = KeyRequest.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new UsageError(`${path} is not a key request; "castellan keys enroll" writes one.`, cause);
  }
  if (keyIdOf(p256PublicKeyFromPem(request.publicKey)) === request.keyId) return request;
  throw new UsageError(`${path} names a key id that is not its key's.`);
}
