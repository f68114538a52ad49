import { randomFillSync } from 'node:crypto';
import { PooledBits } from './random-bits.js';

/** Bits of the operating system's cryptographic generator, fetched 64 KiB at a time. The one to use outside of tests. */
export class SystemBits extends PooledBits {
  protected refill(pool: Uint32Array): void {
    randomFillSync(pool);
  }
}
