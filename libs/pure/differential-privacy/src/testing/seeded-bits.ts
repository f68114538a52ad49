import { createCipheriv, createHash } from 'node:crypto';
import { PooledBits } from '../randomness/random-bits.js';

/**
 * The same bits for the same seed (AES-128 in counter mode, keyed by the seed's SHA-256), for tests and replays.
 * Whoever knows the seed can subtract the noise: nothing that answers people may use it.
 */
export class SeededBits extends PooledBits {
  private readonly keystream;

  constructor(seed: string) {
    super();
    const key = createHash('sha256').update(seed).digest().subarray(0, 16);
    this.keystream = createCipheriv('aes-128-ctr', key, new Uint8Array(16));
  }

  protected refill(pool: Uint32Array): void {
    const bytes = this.keystream.update(new Uint8Array(pool.byteLength));
    new Uint8Array(pool.buffer).set(bytes);
  }
}
