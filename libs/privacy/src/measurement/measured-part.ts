import { identifier, measureText, type Measure } from '../question/question.js';

/** One noisy integer that figures are made of: a sum over units of what one unit can change only so far. */
export type MeasuredPart =
  | { readonly kind: 'rows' }
  | { readonly kind: 'values'; readonly column: string }
  | { readonly kind: 'units' }
  | { readonly kind: 'sum'; readonly column: string }
  /** The sum of distances from the middle of the declared bounds, in steps of the column's centred grid. */
  | { readonly kind: 'centred'; readonly column: string }
  /** The sum of the squares of the same distances. */
  | { readonly kind: 'centred_squares'; readonly column: string };

/** What a figure is computed from; a quantile is selected and has no parts. */
export function partsOf(measure: Measure): readonly MeasuredPart[] {
  switch (measure.kind) {
    case 'rows':
    case 'values':
    case 'units':
    case 'sum':
      return [measure];
    case 'average': {
      const { column } = measure;
      return [
        { kind: 'values', column },
        { kind: 'centred', column },
      ];
    }
    case 'variance':
    case 'deviation': {
      const { column } = measure;
      return [
        { kind: 'values', column },
        { kind: 'centred', column },
        { kind: 'centred_squares', column },
      ];
    }
    case 'quantile':
      return [];
  }
}

/** The same for the same part, and for parts that can be asked for, the same as the measure's. */
export function partText(part: MeasuredPart): string {
  switch (part.kind) {
    case 'centred':
      return `SUM(${identifier(part.column)} - middle)`;
    case 'centred_squares':
      return `SUM((${identifier(part.column)} - middle)^2)`;
    default:
      return measureText(part);
  }
}
