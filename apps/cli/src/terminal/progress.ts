import type { Writable } from 'node:stream';
import { formatBytes } from './format.js';

const REPAINT_MS = 100;

/** One transfer's line on standard error: repainted in place on a terminal, told once at the end elsewhere. */
export class Progress {
  #bytes = 0;
  #paintedAt = 0;
  readonly #startedAt = performance.now();

  constructor(
    private readonly stream: Writable & { readonly isTTY?: boolean },
    private readonly label: string,
    private readonly totalBytes: number,
  ) {}

  advance(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now();
    if (this.stream.isTTY !== true || now - this.#paintedAt < REPAINT_MS) return;
    this.#paintedAt = now;
    this.stream.write(`\r\u001b[2K${this.#line(now)}`);
  }

  /** The transfer starts again from its first byte. */
  restart(): void {
    this.#bytes = 0;
  }

  done(): void {
    const line = this.#line(performance.now());
    this.stream.write(this.stream.isTTY === true ? `\r\u001b[2K${line}\n` : `${line}\n`);
  }

  #line(now: number): string {
    const seconds = Math.max((now - this.#startedAt) / 1000, 0.001);
    const percent = this.totalBytes === 0 ? 100 : Math.floor((this.#bytes / this.totalBytes) * 100);
    return `${this.label}  ${percent} %  ${formatBytes(this.#bytes)}  ${formatBytes(this.#bytes / seconds)}/s`;
  }
}
