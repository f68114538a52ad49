import type { Answer, AnswerColumn } from '@castellan/contracts';

/** One bar: a group and a noisy figure with the half width of its 95 % interval. */
export interface AnswerBar {
  readonly group: string;
  readonly value: number;
  readonly interval: number;
}

export function measuresOf({ columns }: Answer): AnswerColumn[] {
  return columns.filter(({ kind }) => kind === 'measure');
}

/** The answer's rows as bars of one of its measures. */
export function barsOf({ columns, rows }: Answer, measure: AnswerColumn): AnswerBar[] {
  const at = columns.indexOf(measure);
  return rows.flatMap((row) => {
    const value = row[at];
    const group = row.filter((_, column) => columns[column]?.kind === 'key').join(' · ');
    return typeof value === 'number' ? [{ group, value, interval: measure.interval95 ?? 0 }] : [];
  });
}
