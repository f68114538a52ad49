const KEY_BITS = 24;

/**
 * Many byte patterns looked for at once: a bitmap of their first three bytes rules out nearly every position, the rest is
 * compared. Patterns have at least four bytes.
 */
export class PatternSet {
  readonly #starts = new Uint8Array(1 << (KEY_BITS - 3));
  readonly #byStart = new Map<number, Buffer[]>();
  readonly longest: number;

  constructor(patterns: readonly Buffer[]) {
    if (patterns.some((pattern) => pattern.length < 4))
      throw new RangeError('a pattern has fewer than four bytes');
    this.longest = Math.max(...patterns.map((pattern) => pattern.length));
    for (const pattern of patterns) {
      const start = pattern.readUIntBE(0, 3);
      this.#starts[start >> 3] = (this.#starts[start >> 3] ?? 0) | (1 << (start & 7));
      this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), pattern]);
    }
  }

  occursIn(bytes: Uint8Array): boolean {
    const starts = this.#starts;
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      start = ((start << 8) | (bytes[at] ?? 0)) & 0xffffff;
      if (((starts[start >> 3] ?? 0) & (1 << (start & 7))) !== 0 && this.#isAt(bytes, at - 2, start))
        return true;
    }
    return false;
  }

  #isAt(bytes: Uint8Array, from: number, start: number): boolean {
    const candidates = this.#byStart.get(start) ?? [];
    return candidates.some((pattern) =>
      pattern.equals(bytes.subarray(Math.max(from, 0), from + pattern.length)),
    );
  }
}
