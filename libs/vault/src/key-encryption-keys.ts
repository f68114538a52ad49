/** The public half of a project's current key-encryption key. */
export interface KeyEncryptionKeyInUse {
  readonly kekId: string;
  readonly version: number;
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * Where public key-encryption keys come from: the keybroker itself, over an authenticated connection. Never the database:
 * whoever could write a public key there would read every data key made from then on.
 *
 * Asked anew each time: once a key was rotated nothing new goes under the older one. Fails with what the keybroker answers, or kind `unavailable`.
 */
export abstract class KeyEncryptionKeys {
  abstract current(projectId: string): Promise<KeyEncryptionKeyInUse>;
}
