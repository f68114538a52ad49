import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A Python script that answers one JSON line with another. */
export class PythonLines implements AsyncDisposable {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  #said = '';

  constructor(python: string, script: string) {
    this.#process = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr.on(
      'data',
      (text: Buffer) => (this.#said = (this.#said + text.toString()).slice(-4_000)),
    );
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @throws with what the script wrote to standard error, when it ended instead */
  async ask(question: unknown): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = await this.#answers.next();
    if (answer.done === true) throw new Error(this.#said);
    return JSON.parse(answer.value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await ended;
  }
}
