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

  occursIn(bytes: Buffer): boolean {
    let start = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
    for (let at = 2; at < bytes.length; at++) {
      start = ((start << 8) | (bytes[at] ?? 0)) & 0xffffff;
      if (((this.#starts[start >> 3] ?? 0) & (1 << (start & 7))) === 0) continue;
      const from = at - 2;
      const candidates = this.#byStart.get(start) ?? [];
      if (candidates.some((pattern) => bytes.subarray(from, from + pattern.length).equals(pattern)))
        return true;
    }
    return false;
  }
}
