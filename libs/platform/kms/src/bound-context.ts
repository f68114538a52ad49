import { createHash } from 'node:crypto';

const VERSION = 1;

/**
 * A context as other key stores take it: never empty, always 32 bytes. The label keeps it apart from anything else that the
 * same key may be used for.
 */
export function contextDigest(label: string, context: string): Buffer {
  return createHash('sha256').update(`${label}\0`).update(context).digest();
}

/** What is handed to another key store: a version byte before the secret, because not all of them take an empty one. */
export function enclose(secret: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([Buffer.of(VERSION), secret]);
}

/** The secret in what the key store gave back, or undefined. Wipes what it was given. */
export function disclose(enclosed: Uint8Array): Buffer | undefined {
  const secret = enclosed[0] === VERSION ? Buffer.from(enclosed.subarray(1)) : undefined;
  enclosed.fill(0);
  return secret;
}
