import { equalHashes, type Hash } from '@castellan/merkle-log';
import type { LogFault } from './log-fault.js';

type MaybeHash = Hash | undefined;

interface Difference {
  readonly index: number;
  readonly actual: MaybeHash;
  readonly signed: Hash;
}

/** Compares stored leaves with signed ones and explains the differences. */
export class LeafComparison {
  readonly #differences: Difference[] = [];
  readonly #ranges: LogFault[] = [];
  readonly #holes: number[] = [];

  constructor(private readonly maxFaults: number) {}

  /** Compares leaf by leaf with hashes that are known to be signed. */
  compare(begin: number, actual: readonly MaybeHash[], signed: readonly Hash[]): void {
    signed.forEach((hash, i) => {
      const stored = actual[i];
      if (stored !== undefined && equalHashes(stored, hash)) return;
      if (this.#differences.length < this.maxFaults)
        this.#differences.push({ index: begin + i, actual: stored, signed: hash });
      if (stored === undefined) this.#noteHole(begin + i);
    });
  }

  /** Compares a block of which only the root is known to be signed. @returns whether the block is sound */
  compareBlock(
    begin: number,
    actual: readonly MaybeHash[],
    isSigned: (hashes: readonly Hash[]) => boolean,
  ): boolean {
    this.lookForHoles(begin, actual);
    const hashes = actual.filter((hash) => hash !== undefined);
    if (hashes.length < actual.length) return false;
    if (isSigned(hashes)) return true;
    const detail = `Leaves ${begin} to ${begin + actual.length - 1}, or one of them, and their tile are not what was signed.`;
    if (this.#ranges.length < this.maxFaults)
      this.#ranges.push({ index: begin, code: 'range_differs', detail });
    return false;
  }

  /** Notes leaves that are gone, when nothing is known of the signed ones. */
  lookForHoles(begin: number, actual: readonly MaybeHash[]): void {
    actual.forEach((hash, i) => {
      if (hash === undefined) this.#noteHole(begin + i);
    });
  }

  /** @param size number of signed leaves */
  faults(size: number): LogFault[] {
    const tail = this.#tailBegin(size);
    const holes = this.#holes.filter((index) => index < tail).map(missing);
    const truncated: LogFault[] =
      tail === size
        ? []
        : [
            {
              index: tail,
              code: 'log_truncated',
              detail: `All leaves from ${tail} to ${size - 1} are gone.`,
            },
          ];
    return [...this.#ranges, ...holes, ...this.#explained(), ...truncated].slice(0, this.maxFaults);
  }

  /** A leaf that differs was moved if its hash was signed elsewhere, and edited if not. */
  #explained(): LogFault[] {
    const signedAt = new Map(this.#differences.map(({ index, signed }) => [hex(signed), index]));
    const stored = new Set(
      this.#differences.flatMap(({ actual }) => (actual === undefined ? [] : [hex(actual)])),
    );
    return this.#differences.flatMap(({ index, actual, signed }) => {
      if (actual === undefined) return [];
      const home = signedAt.get(hex(actual));
      if (home === undefined) return [edited(index)];
      return stored.has(hex(signed)) ? [moved(index, home)] : [moved(index, home), missing(index)];
    });
  }

  /** Where an unbroken run of holes up to the end begins; `size` if there is none. */
  #tailBegin(size: number): number {
    let begin = size;
    for (const index of this.#holes.toReversed()) {
      if (index !== begin - 1) break;
      begin = index;
    }
    return begin;
  }

  #noteHole(index: number): void {
    this.#holes.push(index);
  }
}

function edited(index: number): LogFault {
  return {
    index,
    code: 'leaf_edited',
    detail: `Leaf ${index} has another text than the one that was signed.`,
  };
}

function moved(index: number, home: number): LogFault {
  return { index, code: 'leaf_moved', detail: `The leaf stored at ${index} was signed at ${home}.` };
}

function missing(index: number): LogFault {
  return { index, code: 'leaf_missing', detail: `The leaf that was signed at ${index} is not stored.` };
}

function hex(hash: Hash): string {
  return Buffer.from(hash).toString('hex');
}
