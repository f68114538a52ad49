import type { RandomBits } from '@castellan/differential-privacy';
import { changed, mixed, uniform, type Augmentation } from './augmentation.js';
import type { TrainingRows } from './train-privately.js';

/** A row's part in its unit's gradient. */
export interface DrawnRow {
  /** Which of the batch's units. */
  readonly place: number;
  readonly features: Float32Array;
  readonly label: Float32Array;
  /** The shares of one unit's rows add up to 1: its gradient is their mean, and is clipped once. */
  readonly share: number;
}

export interface Widths {
  readonly features: number;
  readonly labels: number;
}

/**
 * The rows of a batch's units, each as it is, or in changed copies (augmentation multiplicity, De et al., arXiv 2204.13650,
 * section 3.2). Everything that a unit's rows become is made of that unit's rows and of draws: an image is mixed with one of the same
 * unit and with no other, so that the clipped mean stays the whole of what one unit can do.
 */
export function* drawnRows(
  { rows, ends, augment }: { rows: TrainingRows; ends: Uint32Array; augment?: Augmentation },
  batch: readonly number[],
  widths: Widths,
  random: RandomBits,
): Generator<DrawnRow> {
  const featuresOf = (row: number) =>
    rows.features.subarray(row * widths.features, (row + 1) * widths.features);
  const labelOf = (row: number) => rows.labels.subarray(row * widths.labels, (row + 1) * widths.labels);
  for (const [place, unit] of batch.entries()) {
    const [from, to] = [unit === 0 ? 0 : (ends[unit - 1] ?? 0), ends[unit] ?? 0];
    const share = 1 / ((to - from) * (augment?.copies ?? 1));
    for (let row = from; row < to; row += 1) {
      if (augment === undefined) yield { place, features: featuresOf(row), label: labelOf(row), share };
      for (let copy = 0; augment !== undefined && copy < augment.copies; copy += 1) {
        const [features, label] = [changed(featuresOf(row), augment, random), labelOf(row)];
        const other = from + Math.floor(uniform(random) * (to - from));
        const kept = 1 - (augment.mix / 2) * uniform(random);
        const partner = changed(featuresOf(other), augment, random);
        if (augment.mix === 0) yield { place, features, label, share };
        else
          yield {
            ...{ place, share },
            features: mixed(features, partner, kept),
            label: mixed(label, labelOf(other), kept),
          };
      }
    }
  }
}
