import type { KeybrokerClient } from '@castellan/keybroker-client';

/** Keys in memory at once; beyond that the oldest is asked for again. */
const REMEMBERED = 1000;

/**
 * The secret that an S3 client signs with, for the id of an API key: always the same, and nothing of it is stored. Whoever
 * asks has seen that the key is live. Errors: `keybroker_unavailable`.
 */
export abstract class S3Secrets {
  abstract of(credentialId: string): Promise<string>;
}

/** The keybroker derives them from a key that only it holds; asked once for each, then remembered in memory. */
export class KeybrokerS3Secrets extends S3Secrets {
  readonly #known = new Map<string, Promise<string>>();

  constructor(private readonly keybroker: Pick<KeybrokerClient, 's3Secret'>) {
    super();
  }

  override of(credentialId: string): Promise<string> {
    const known = this.#known.get(credentialId);
    if (known !== undefined) return known;
    const asked = this.keybroker.s3Secret(credentialId);
    this.#known.set(credentialId, asked);
    asked.catch(() => this.#known.delete(credentialId));
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    return asked;
  }
}
