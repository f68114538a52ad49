import type { Terminal } from '../terminal/terminal.js';

/** Tells what the demo does, act by act, on standard error. */
export class Narrator {
  #act = 0;

  constructor(private readonly terminal: Terminal) {}

  act(title: string): void {
    this.#act += 1;
    this.terminal.say(`\n${this.terminal.style.bold(`${this.#act}. ${title}`)}`);
  }

  /** What belongs to an earlier act, and had to wait. */
  interlude(title: string): void {
    this.terminal.say(`\n${this.terminal.style.bold(title)}`);
  }

  /** Something that happened. */
  tell(text: string): void {
    this.terminal.say(`   ${text}`);
  }

  /** Something that was to be shown, and whether it was. Gives the outcome back. */
  shown(outcome: boolean, text: string): boolean {
    const { good, bad } = this.terminal.style;
    this.terminal.say(`   ${outcome ? good('✓') : bad('✗')} ${text}`);
    return outcome;
  }
}
