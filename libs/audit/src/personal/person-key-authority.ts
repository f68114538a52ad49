import type { KeyObject } from 'node:crypto';

/** A person's key as it is stored: the private half sealed by the key store, bound to the person. */
export interface StoredPersonKey {
  readonly personId: string;
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly sealedPrivate: Uint8Array<ArrayBuffer>;
}

/**
 * Who makes and opens the keys that people's attributes are sealed under: the keybroker. It stores none of them, and
 * remembers for good whom it has erased: for them it neither makes nor opens any.
 */
export abstract class PersonKeyAuthority {
  /** A new key, not stored yet. @throws `person_erased`, `keybroker_unavailable` */
  abstract make(personId: string): Promise<StoredPersonKey>;

  /**
   * The private halves, by person; absent for somebody erased and for a row that is not the broker's own. Each opening is
   * recorded before it is answered. At most 500 at once. @throws `keybroker_unavailable`
   */
  abstract open(keys: readonly StoredPersonKey[]): Promise<ReadonlyMap<string, KeyObject>>;
}
