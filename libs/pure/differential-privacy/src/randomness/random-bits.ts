/**
 * Where noise comes from. Mechanisms take it as an argument; none holds one.
 *
 * The guarantee of every mechanism here is conditional on this: bits must be independent, uniform and unknown to
 * whoever sees the answers. An implementation is used from one thread and never hands out a bit twice.
 */
export abstract class RandomBits {
  /** `count` bits (1 to 32) as an integer in [0, 2^count). */
  abstract take(count: number): number;
}

const POOL_WORDS = 16_384;

/** Hands out the bits of a pool of words, refilled when it runs dry. A word is erased from the pool as it is read. */
export abstract class PooledBits extends RandomBits {
  private readonly pool = new Uint32Array(POOL_WORDS);
  private next = POOL_WORDS;
  /** The unread low bits of the last word. */
  private held = 0;
  private heldCount = 0;

  /** Overwrites every word with fresh random bits. */
  protected abstract refill(pool: Uint32Array): void;

  take(count: number): number {
    if (count <= this.heldCount) return this.takeHeld(count);
    const low = this.held;
    const lowCount = this.heldCount;
    this.held = this.nextWord();
    this.heldCount = 32;
    const high = this.takeHeld(count - lowCount);
    return ((high << lowCount) | low) >>> 0;
  }

  private takeHeld(count: number): number {
    const word = this.held;
    this.heldCount -= count;
    // JavaScript shifts by the count modulo 32: a whole word is its own case.
    if (count === 32) {
      this.held = 0;
      return word;
    }
    this.held = word >>> count;
    return (word & ((1 << count) - 1)) >>> 0;
  }

  private nextWord(): number {
    if (this.next === POOL_WORDS) {
      this.refill(this.pool);
      this.next = 0;
    }
    const word = this.pool[this.next] ?? 0;
    this.pool[this.next] = 0;
    this.next += 1;
    return word;
  }
}
