import type { Writable } from 'node:stream';

/** One line on standard error that changes: repainted in place on a terminal, told once at the end elsewhere. */
export class StatusLine {
  #text = '';

  constructor(private readonly stream: Writable & { readonly isTTY?: boolean }) {}

  show(text: string): void {
    this.#text = text;
    if (this.stream.isTTY === true) this.stream.write(`\r\u001b[2K${text}`);
  }

  done(): void {
    this.stream.write(this.stream.isTTY === true ? '\n' : `${this.#text}\n`);
  }
}
