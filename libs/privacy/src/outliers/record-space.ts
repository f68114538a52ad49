import type { ProtectedTable } from '../declaration/protected-table.js';
import { robustScale, scaled, type RobustScale } from './robust-scale.js';

type Column = ProtectedTable['columns'][number];

/** One dimension: what it makes of a cell's text. */
interface Dimension {
  /** Position of the column. */
  readonly column: number;
  readonly of: (text: string) => number;
}

/** Longer lists are told apart by how rare a value is. */
const MOST_VALUES = 24;
/** Two different values are one spread apart. */
const APART = Math.SQRT1_2;

/**
 * Records as points: numbers in robust spreads from their median, a missing one at the median and one spread aside; listed
 * values one spread apart; of texts and long lists how rare the value is. The privacy unit is no dimension. What doesn't vary
 * in the sample is left out.
 */
export class RecordSpace {
  private constructor(private readonly dimensions: readonly Dimension[]) {}

  static of({ columns, privacyUnit }: ProtectedTable, sample: readonly (readonly string[])[]): RecordSpace {
    const dimensions = columns.flatMap((column, at) => {
      if (column.name === privacyUnit.name) return [];
      const texts = sample.map((record) => record[at] ?? '');
      return dimensionsOf(column, texts).map((of) => ({ column: at, of }));
    });
    return new RecordSpace(dimensions);
  }

  get width(): number {
    return this.dimensions.length;
  }

  /** The position of the column that a dimension is of. */
  columnOf(dimension: number): number {
    return this.dimensions[dimension]?.column ?? 0;
  }

  point(record: readonly string[], into: Float64Array = new Float64Array(this.width)): Float64Array {
    this.dimensions.forEach(({ column, of }, at) => (into[at] = of(record[column] ?? '')));
    return into;
  }
}

function dimensionsOf(column: Column, texts: readonly string[]): Dimension['of'][] {
  if (column.kind === 'number') return numberDimensions(texts);
  if (column.kind === 'category' && column.values.length <= MOST_VALUES) {
    const seen = new Set(texts);
    const listed = column.values.filter((value) => seen.has(value));
    return listed.length < 2 ? rarity(texts) : listed.map((value) => (text) => (text === value ? APART : 0));
  }
  return rarity(texts);
}

function numberDimensions(texts: readonly string[]): Dimension['of'][] {
  const present = texts.map(numberOf).filter((value) => value !== undefined);
  const scale = robustScale(present);
  const isMissing = (text: string) => (numberOf(text) === undefined ? 1 : 0);
  return [
    ...(scale === undefined ? [] : [place(scale)]),
    ...(present.length === texts.length ? [] : [isMissing]),
  ];
}

function place(scale: RobustScale): Dimension['of'] {
  return (text) => {
    const value = numberOf(text);
    return value === undefined ? 0 : scaled(value, scale);
  };
}

function numberOf(text: string): number | undefined {
  const value = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** How rare a value is, in bits, scaled like a number; one that the sample lacks counts as if it were in it once. */
function rarity(texts: readonly string[]): Dimension['of'][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const bits = (text: string) => Math.log2((texts.length + 1) / (counts.get(text) ?? 1));
  const scale = robustScale(texts.map(bits));
  return scale === undefined ? [] : [(text) => scaled(bits(text), scale)];
}
