const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** How soon something that did not work is tried again: at once, then after 1 s, 2 s, 4 s … up to 1 min. */
export class RetryPace {
  readonly #tries = new Map<string, { readonly count: number; readonly notBefore: number }>();

  constructor(private readonly now: () => number) {}

  /** Whether `key` may be tried now; a yes counts as a try. */
  take(key: string): boolean {
    const { count, notBefore } = this.#tries.get(key) ?? { count: 0, notBefore: 0 };
    const now = this.now();
    if (now < notBefore) return false;
    this.#tries.set(key, { count: count + 1, notBefore: now + Math.min(FIRST_MS * 2 ** count, LONGEST_MS) });
    return true;
  }

  /** Keeps the count only for keys that still don't work. */
  keepOnly(failing: ReadonlySet<string>): void {
    for (const key of this.#tries.keys()) if (!failing.has(key)) this.#tries.delete(key);
  }
}
