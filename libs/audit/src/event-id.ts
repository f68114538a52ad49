import { randomBytes } from 'node:crypto';

/** What time it is: the process's clock, or a spec's. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

const SEQUENCE_LIMIT = 0x1000;

/**
 * Event ids: UUID version 7 (RFC 9562 §5.7), rising within this process. Within one millisecond the 12 bits of `rand_a`
 * count (§6.2, method 1); when they run out, or the clock steps back, the timestamp runs ahead of the clock.
 */
export class EventIds {
  #millisecond = 0;
  #sequence = 0;

  next(now: Date): string {
    this.#advance(now.getTime());
    const bytes = randomBytes(16);
    bytes.writeUIntBE(this.#millisecond, 0, 6);
    bytes.writeUInt16BE(0x7000 | this.#sequence, 6);
    bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  #advance(millisecond: number): void {
    if (millisecond > this.#millisecond) {
      this.#millisecond = millisecond;
      this.#sequence = 0;
    } else if (++this.#sequence === SEQUENCE_LIMIT) {
      this.#millisecond += 1;
      this.#sequence = 0;
    }
  }
}
