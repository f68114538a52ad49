/** What is asked of each group. */
export type Measure =
  | { readonly kind: 'rows' }
  | { readonly kind: 'values'; readonly column: string }
  | { readonly kind: 'units' }
  | { readonly kind: 'sum'; readonly column: string }
  | { readonly kind: 'average'; readonly column: string }
  /** Of a sample, over n − 1, as in PostgreSQL. */
  | { readonly kind: 'variance'; readonly column: string }
  /** The square root of `variance`. */
  | { readonly kind: 'deviation'; readonly column: string }
  /** `probability` lies between 0 and 1 and is written in one way: "0.25", never ".250". */
  | { readonly kind: 'quantile'; readonly column: string; readonly probability: string };

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** A condition on one row alone. Constants of number columns are plain decimal text, as written. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly operator: Comparison;
      readonly value: string;
    }
  | { readonly kind: 'in'; readonly column: string; readonly values: readonly string[] }
  | { readonly kind: 'missing'; readonly column: string };

export type Selected =
  | { readonly kind: 'key'; readonly column: string; readonly as: string }
  | { readonly kind: 'measure'; readonly measure: Measure; readonly as: string };

/** A public table, joined where its key equals a protected column: at most one row for each of ours. */
export interface Join {
  readonly table: string;
  readonly column: string;
}

/** A question that can be made private: what is left of the SQL once everything else has been refused. */
export interface Question {
  readonly table: string;
  /** By the names of the public tables. */
  readonly joins: readonly Join[];
  readonly selected: readonly Selected[];
  /** Categories and texts, in the order of GROUP BY. */
  readonly keys: readonly string[];
  readonly where: Condition | undefined;
}

/** The distinct measures in the order in which they are first selected. Two of the same are one, and paid for once. */
export function measuresOf(question: Question): readonly Measure[] {
  const distinct = new Map<string, Measure>();
  for (const item of question.selected)
    if (item.kind === 'measure')
      distinct.set(measureText(item.measure), distinct.get(measureText(item.measure)) ?? item.measure);
  return [...distinct.values()];
}

/** The measure as SQL, the same for the same measure. */
export function measureText(measure: Measure): string {
  switch (measure.kind) {
    case 'rows':
      return 'COUNT(*)';
    case 'units':
      return 'COUNT(DISTINCT unit)';
    case 'values':
      return `COUNT(${identifier(measure.column)})`;
    case 'sum':
      return `SUM(${identifier(measure.column)})`;
    case 'average':
      return `AVG(${identifier(measure.column)})`;
    case 'variance':
      return `VARIANCE(${identifier(measure.column)})`;
    case 'deviation':
      return `STDDEV(${identifier(measure.column)})`;
    case 'quantile':
      return `QUANTILE(${identifier(measure.column)}, ${measure.probability})`;
  }
}

/** A name quoted for SQL, whatever it contains. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
