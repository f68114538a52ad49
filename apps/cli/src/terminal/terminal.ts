import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { UsageError } from '../usage-error.js';
import { printable } from './printable.js';
import { Progress } from './progress.js';
import { StatusLine } from './status-line.js';
import { colourStyle, plainStyle, type Style } from './style.js';

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

export interface TerminalOptions {
  /** Results as JSON. */
  readonly json: boolean;
  readonly noColour: boolean;
}

/**
 * Where a command speaks: results on standard output, everything else on standard error.
 * Colour and questions only where a person sits in front of it; elsewhere a question is a usage error.
 */
export class Terminal {
  readonly style: Style;
  readonly json: boolean;

  constructor(
    private readonly streams: Streams,
    { json, noColour }: TerminalOptions,
  ) {
    this.json = json;
    this.style = streams.stderr.isTTY === true && !noColour ? colourStyle : plainStyle;
  }

  /** The command's result: `value` as one line of JSON, or `text` for a person. */
  result(value: unknown, text: string): void {
    this.streams.stdout.write(this.json ? `${JSON.stringify(value)}\n` : `${printable(text)}\n`);
  }

  /** What happens meanwhile. */
  say(text: string): void {
    this.streams.stderr.write(`${text}\n`);
  }

  progress(label: string, totalBytes: number, laterBytes = 0): Progress {
    return new Progress(this.streams.stderr, label, totalBytes, laterBytes);
  }

  statusLine(): StatusLine {
    return new StatusLine(this.streams.stderr);
  }

  /** @throws UsageError when nobody can be asked. */
  async confirm(question: string): Promise<boolean> {
    const answer = await this.#ask(`${question} [y/N] `, 'Nobody is here to confirm; pass --yes.');
    return /^y(es)?$/i.test(answer.trim());
  }

  /** Asks without showing what is typed. @throws UsageError when nobody can be asked. */
  async secret(prompt: string, otherwise: string): Promise<string> {
    const { stdin, stderr } = this.streams;
    if (stdin.isTTY !== true || stdin.setRawMode === undefined) throw new UsageError(otherwise);
    stderr.write(prompt);
    stdin.setRawMode(true);
    try {
      return await readUntilEnter(stdin);
    } finally {
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    }
  }

  async #ask(question: string, otherwise: string): Promise<string> {
    const { stdin, stderr } = this.streams;
    if (stdin.isTTY !== true) throw new UsageError(otherwise);
    const lines = createInterface({ input: stdin, output: stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  }
}

async function readUntilEnter(stdin: Readable): Promise<string> {
  let typed = '';
  for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
    for (const character of String(chunk)) {
      if (character === '\r' || character === '\n') return typed;
      if (character === '\u0003') throw new UsageError('Interrupted.');
      typed = character === '\u007f' ? typed.slice(0, -1) : typed + character;
    }
  }
  return typed;
}
