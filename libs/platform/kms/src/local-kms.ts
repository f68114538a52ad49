import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { KmsError } from './kms-error.js';
import { Kms } from './kms.js';
import { createRootKey, openRootKey } from './root-key-file.js';
import { openSecret, sealSecret } from './sealed-secret.js';
import { isSystemError, writeOnce } from './write-once.js';

const LABEL = 'castellan/local-kms/v1\0';

export interface LocalKmsOptions {
  /** The root key file; made at first use. */
  readonly file: string;
  readonly passphrase: string;
}

/**
 * A KMS in this process: secrets are sealed with AES-256-GCM under a root key that lies on disk sealed by a passphrase
 * (argon2id). The format is in SPEC.md.
 *
 * It protects against whoever reads the disk, not against whoever reads the memory of this process. Without the file or
 * without the passphrase, everything sealed is lost: back up both, apart.
 */
export class LocalKms extends Kms {
  private constructor(private readonly rootKey: KeyObject) {
    super();
  }

  /**
   * Fails with `kms_passphrase_wrong`, `kms_passphrase_weak` (only when it makes the file), `kms_file_malformed`,
   * `kms_unavailable` (the file can't be read or written).
   */
  static async open({ file, passphrase }: LocalKmsOptions): Promise<LocalKms> {
    const text = await readIfThere(file);
    return text === undefined ? LocalKms.create(file, passphrase) : LocalKms.fromText(text, passphrase);
  }

  /** Over the text of a root key file, wherever that came from. Fails with `kms_passphrase_wrong`, `kms_file_malformed`. */
  static async fromText(text: string, passphrase: string): Promise<LocalKms> {
    return new LocalKms(await openRootKey(text, passphrase));
  }

  override async seal(plaintext: Uint8Array, context: string): Promise<Uint8Array> {
    return sealSecret(this.rootKey, plaintext, aadOf(context));
  }

  override async unseal(sealed: Uint8Array, context: string): Promise<Uint8Array> {
    const plaintext = openSecret(this.rootKey, sealed, aadOf(context));
    if (plaintext === undefined) throw new KmsError('kms_unseal_failed');
    return plaintext;
  }

  private static async create(file: string, passphrase: string): Promise<LocalKms> {
    const { rootKey, text } = await createRootKey(passphrase);
    const won = await writeOnce(file, text).catch((cause: unknown) => {
      throw new KmsError('kms_unavailable', cause);
    });
    // Another process was first: its root key is the one that counts.
    return won ? new LocalKms(rootKey) : LocalKms.open({ file, passphrase });
  }
}

function aadOf(context: string): Buffer {
  return Buffer.from(LABEL + context);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return undefined;
    throw new KmsError('kms_unavailable', cause);
  }
}
