import type { Clock } from '@castellan/audit';
import { KeybrokerError } from './keybroker-error.js';

const MINUTE_MS = 60_000;

/** How often somebody may ask: a bucket each, filled evenly, holding a quarter of a minute's worth. */
export class RequestRate {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #capacity: number;

  constructor(
    private readonly perMinute: number,
    private readonly clock: Clock,
  ) {
    this.#capacity = Math.max(1, perMinute / 4);
  }

  /** @throws KeybrokerError `request_rate_exceeded` */
  take(who: string): void {
    const now = this.clock.now().getTime();
    const { tokens, at } = this.#buckets.get(who) ?? { tokens: this.#capacity, at: now };
    const elapsedMs = Math.max(0, now - at);
    const filled = Math.min(this.#capacity, tokens + (elapsedMs / MINUTE_MS) * this.perMinute);
    if (filled < 1) {
      throw new KeybrokerError({
        code: 'request_rate_exceeded',
        kind: 'exhausted',
        publicDetail: `${who} asks too often.`,
        retryAfterMs: Math.ceil(((1 - filled) * MINUTE_MS) / this.perMinute),
      });
    }
    this.#buckets.set(who, { tokens: filled - 1, at: now });
  }
}
