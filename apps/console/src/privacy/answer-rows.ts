import type { Answer, AnswerColumn } from '@castellan/contracts';

/** One bar: a group and a noisy figure, with how far its 95 % interval goes below and above it. */
export interface AnswerBar {
  readonly group: string;
  readonly value: number;
  readonly interval: readonly [below: number, above: number];
}

export function measuresOf({ columns }: Answer): AnswerColumn[] {
  return columns.filter(({ kind }) => kind === 'measure');
}

/** The answer's rows as bars of one of its measures. */
export function barsOf({ columns, rows, intervals95 }: Answer, measure: AnswerColumn): AnswerBar[] {
  const at = columns.indexOf(measure);
  return rows.flatMap((row, index) => {
    const value = row[at];
    const group = row.filter((_, column) => columns[column]?.kind === 'key').join(' · ');
    if (typeof value !== 'number') return [];
    const half = measure.interval95 ?? 0;
    const [low, high] = intervals95?.[index]?.[at] ?? [value - half, value + half];
    return [{ group, value, interval: [value - low, high - value] }];
  });
}
