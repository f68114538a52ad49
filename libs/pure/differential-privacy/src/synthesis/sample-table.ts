import { createCipheriv, createHash } from 'node:crypto';
import type { TreeModel } from './tree-model.js';

/** Numbers in [0, 1). Not `RandomBits`, so that they can't become noise: whoever knows the seed knows them. */
export type PublicDraws = () => number;

const BLOCK = 4096;

/** The same numbers for the same seed: AES-128 in counter mode, keyed by the seed's SHA-256. */
export function publicDraws(seed: string): PublicDraws {
  const key = createHash('sha256').update(seed, 'utf8').digest().subarray(0, 16);
  const keystream = createCipheriv('aes-128-ctr', key, new Uint8Array(16));
  let block = Buffer.alloc(0);
  return () => {
    if (block.length === 0) block = keystream.update(new Uint8Array(BLOCK));
    const draw = block.readUInt32LE(0) / 2 ** 32;
    block = block.subarray(4);
    return draw;
  };
}

/**
 * `rows` rows of a model, each the position of a value in every column. Among rows that agree on the parent, every value
 * comes up as often as it should, to within one: the table adds almost no sampling error to the noise that was paid for.
 */
export function sampleTable({ columns }: TreeModel, rows: number, draws: PublicDraws): Uint16Array[] {
  const table: Uint16Array[] = [];
  for (const { column, parent, given } of columns) {
    const values = new Uint16Array(rows);
    const above = parent === undefined ? undefined : table[parent];
    for (const [value, members] of membersBy(above, rows, given.length).entries())
      apportion(members, given[value] ?? [], values, draws);
    table[column] = values;
  }
  return table;
}

/** The rows by the value that they have above; all in one group without it. */
function membersBy(above: Uint16Array | undefined, rows: number, groups: number): number[][] {
  const members = Array.from({ length: groups }, (): number[] => []);
  for (let row = 0; row < rows; row += 1) members[above?.[row] ?? 0]?.push(row);
  return members;
}

/** Systematic sampling: equally spaced points, from a random start, over the values' shares; given out in random order. */
function apportion(
  members: number[],
  shares: readonly number[],
  values: Uint16Array,
  draws: PublicDraws,
): void {
  shuffle(members, draws);
  const start = draws();
  const last = shares.findLastIndex((share) => share > 0);
  let value = 0;
  let reached = shares[0] ?? 0;
  for (const [i, row] of members.entries()) {
    while (value < last && (i + start) / members.length >= reached) reached += shares[(value += 1)] ?? 0;
    values[row] = value;
  }
}

function shuffle(items: number[], draws: PublicDraws): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(draws() * (i + 1));
    [items[i], items[j]] = [items[j] ?? 0, items[i] ?? 0];
  }
}
