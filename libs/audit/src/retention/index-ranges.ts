/** Leaves `begin` (included) to `end` (excluded). */
export interface IndexRange {
  readonly begin: number;
  readonly end: number;
}

const RANGES = /^\d{1,15}(-\d{1,15})?(,\d{1,15}(-\d{1,15})?)*$/;

/** The indexes, which rise, as ranges. */
export function rangesOf(indexes: readonly number[]): IndexRange[] {
  const ranges: { begin: number; end: number }[] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (last?.end === index) last.end += 1;
    else ranges.push({ begin: index, end: index + 1 });
  }
  return ranges;
}

export function indexesOf(ranges: readonly IndexRange[]): number[] {
  return ranges.flatMap(({ begin, end }) => Array.from({ length: end - begin }, (_, i) => begin + i));
}

/** As `0-99,101`: both ends are included. */
export function formatRanges(ranges: readonly IndexRange[]): string {
  return ranges.map(({ begin, end }) => (end === begin + 1 ? `${begin}` : `${begin}-${end - 1}`)).join(',');
}

/** `undefined` for what `formatRanges` does not write: ranges rise and do not touch. */
export function parseRanges(text: string): IndexRange[] | undefined {
  if (!RANGES.test(text)) return undefined;
  const ranges = text.split(',').map((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return { begin: first ?? 0, end: (last ?? 0) + 1 };
  });
  return formatRanges(ranges) === text && ranges.every(rises) ? ranges : undefined;
}

function rises({ begin, end }: IndexRange, i: number, ranges: readonly IndexRange[]): boolean {
  return begin < end && begin > (ranges[i - 1]?.end ?? -1);
}

/** Ranges in any order, overlapping or not, to be asked for single indexes. */
export class IndexSet {
  readonly #ranges: IndexRange[] = [];

  constructor(ranges: readonly IndexRange[]) {
    for (const { begin, end } of ranges.toSorted((a, b) => a.begin - b.begin)) {
      const last = this.#ranges.at(-1);
      if (last === undefined || begin > last.end) this.#ranges.push({ begin, end });
      else this.#ranges.splice(-1, 1, { begin: last.begin, end: Math.max(last.end, end) });
    }
  }

  has(index: number): boolean {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.end ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    return (this.#ranges[low]?.begin ?? Infinity) <= index;
  }
}
