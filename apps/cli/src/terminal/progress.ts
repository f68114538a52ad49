import type { Writable } from 'node:stream';
import { formatBytes, formatDuration } from './format.js';

const REPAINT_MS = 100;

/** One transfer's line on standard error: repainted in place on a terminal, told once at the end elsewhere. */
export class Progress {
  #bytes = 0;
  /** Came before this run, and so says nothing about the rate. */
  #skippedBytes = 0;
  #paintedAt = 0;
  #startedAt = performance.now();

  /** `laterBytes`: what comes after this transfer; the time left counts it too. */
  constructor(
    private readonly stream: Writable & { readonly isTTY?: boolean },
    private readonly label: string,
    private readonly totalBytes: number,
    private readonly laterBytes = 0,
  ) {}

  advance(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now();
    if (this.stream.isTTY !== true || now - this.#paintedAt < REPAINT_MS) return;
    this.#paintedAt = now;
    this.stream.write(`\r\u001b[2K${this.#line(now, true)}`);
  }

  /** The transfer starts again from this byte, which the other side has already. */
  restart(bytes = 0): void {
    this.#bytes = bytes;
    this.#skippedBytes = bytes;
    this.#startedAt = performance.now();
  }

  /** The other side has all of it. */
  skip(bytes: number): void {
    this.restart(bytes);
  }

  done(): void {
    const line = this.#line(performance.now(), false);
    this.stream.write(this.stream.isTTY === true ? `\r\u001b[2K${line}\n` : `${line}\n`);
  }

  #line(now: number, goesOn: boolean): string {
    const seconds = Math.max((now - this.#startedAt) / 1000, 0.001);
    const percent = this.totalBytes === 0 ? 100 : Math.floor((this.#bytes / this.totalBytes) * 100);
    const moved = `${this.label}  ${percent} %  ${formatBytes(this.#bytes)}`;
    if (this.#skippedBytes > 0 && this.#skippedBytes === this.#bytes) return `${moved}  was there already`;
    const bytesPerSecond = (this.#bytes - this.#skippedBytes) / seconds;
    const left = (this.totalBytes - this.#bytes + this.laterBytes) / bytesPerSecond;
    const rate = `${moved}  ${formatBytes(bytesPerSecond)}/s`;
    return goesOn && Number.isFinite(left) ? `${rate}  ${formatDuration(left)} left` : rate;
  }
}
