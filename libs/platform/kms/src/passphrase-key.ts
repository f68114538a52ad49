import { argon2, createSecretKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';

const deriveBytes = promisify(argon2);
const KEY_BYTES = 32;

/** The bounds keep a changed file from making its reader allocate without end; what is new uses RECOMMENDED. */
export const passphraseHashing = z.strictObject({
  name: z.literal('argon2id'),
  salt: z.base64().length(24),
  memoryKiB: z.int().min(8_192).max(1_048_576),
  passes: z.int().min(1).max(16),
  lanes: z.int().min(1).max(16),
});
export type PassphraseHashing = z.infer<typeof passphraseHashing>;

/** The second recommended option of RFC 9106 section 4: 64 MiB, three passes, four lanes. */
export const RECOMMENDED = { name: 'argon2id', memoryKiB: 65_536, passes: 3, lanes: 4 } as const;

/** Unicode has several spellings of one text, and keyboards differ: the passphrase is normalised (NFC) first. */
export async function keyFromPassphrase(passphrase: string, hashing: PassphraseHashing): Promise<KeyObject> {
  const bytes = await deriveBytes(hashing.name, {
    message: passphrase.normalize('NFC'),
    nonce: Buffer.from(hashing.salt, 'base64'),
    parallelism: hashing.lanes,
    tagLength: KEY_BYTES,
    memory: hashing.memoryKiB,
    passes: hashing.passes,
  });
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
