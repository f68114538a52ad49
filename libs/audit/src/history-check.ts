import { CompactRange, equalHashes, type Hash, type TreeHead } from '@castellan/merkle-log';
import type { LogFault } from './log-fault.js';

/** Follows the history leaf by leaf and compares its root with every signed head on the way. */
export class HistoryCheck {
  readonly #range = new CompactRange();
  readonly #heads: TreeHead[];
  readonly #faults: LogFault[] = [];
  #lastGood = 0;
  /** A hole, or a head that differs: later roots say nothing. */
  #broken = false;

  /** @param isSigned whether the leaves that follow are known to lead to the largest head */
  constructor(
    heads: readonly TreeHead[],
    private readonly isSigned: boolean,
  ) {
    this.#heads = heads.toReversed();
    this.#compare();
  }

  advance(hashes: readonly (Hash | undefined)[]): void {
    for (const hash of hashes) {
      this.#broken ||= hash === undefined;
      if (this.#broken || hash === undefined) return;
      this.#range.append(hash);
      this.#compare();
    }
  }

  faults(): readonly LogFault[] {
    if (this.isSigned || this.#faults.length > 0) return this.#faults;
    const detail = 'The tiles at the right edge do not lead to the signed root.';
    return [{ index: this.#lastGood, code: 'tile_edited', detail }];
  }

  #compare(): void {
    for (let head = this.#heads[0]; head?.size === this.#range.size; head = this.#heads[0]) {
      this.#heads.shift();
      if (equalHashes(this.#range.root(), head.root)) this.#lastGood = head.size;
      else {
        this.#faults.push(this.isSigned ? forkedAt(head) : differsBetween(this.#lastGood, head));
        this.#broken = true;
        return;
      }
    }
  }
}

function forkedAt({ size }: TreeHead): LogFault {
  const detail = `The signed log of ${size} leaves that the verifier holds is no prefix of this one.`;
  return { index: 0, code: 'log_forked', detail };
}

function differsBetween(begin: number, { size }: TreeHead): LogFault {
  const detail = `Leaves ${begin} to ${size - 1}, or one of them, are not what was signed.`;
  return { index: begin, code: 'range_differs', detail };
}
