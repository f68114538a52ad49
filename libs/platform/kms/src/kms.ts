/**
 * The root of the key hierarchy: seals small secrets (private keys, not files) so that only this KMS can give them back,
 * and only under the same context.
 *
 * Errors every implementation must give: `kms_unseal_failed` for whatever was not sealed here under this context, with no
 * further reason; `kms_unavailable` when it can't be reached.
 */
export abstract class Kms {
  /** `context` says what the secret is, and is not secret itself. The result carries all that unsealing needs. */
  abstract seal(plaintext: Uint8Array, context: string): Promise<Uint8Array>;

  /** The secret; the caller wipes it. */
  abstract unseal(sealed: Uint8Array, context: string): Promise<Uint8Array>;
}
