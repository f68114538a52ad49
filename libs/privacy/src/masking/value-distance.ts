import { PrivacyError } from '../privacy-error.js';

/** More steps than a release is worth waiting for: values of such a column must be generalised first. */
const MOST_STEPS = 500_000_000;

/**
 * How the values of a column are distributed over the whole table, and how far a part of it is from that, 0 to 1: the earth
 * mover's distance, with neighbouring numbers one step apart where values have an order, else with all values equally far
 * (Li, Li, Venkatasubramanian 2007, sections 4.1 and 4.2).
 */
export class Distribution {
  readonly #counts = new Map<string, number>();
  #total = 0;
  #order: string[] | undefined;
  #steps = 0;

  constructor(private readonly ordered: boolean) {}

  add(value: string): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    this.#total += 1;
    this.#order = undefined;
  }

  /** @throws masking_refused where there are too many different values to compare */
  distanceOf(part: ReadonlyMap<string, number>): number {
    this.#order ??= [...this.#counts.keys()].toSorted((a, b) => Number(a) - Number(b));
    this.#steps += this.#order.length;
    if (this.#steps > MOST_STEPS)
      throw new PrivacyError('masking_refused', {
        kind: 'invalid',
        publicDetail: 'A sensitive column has too many different values to compare: generalise it.',
      });
    const size = [...part.values()].reduce((sum, count) => sum + count, 0);
    const differences = this.#order.map(
      (value) => (part.get(value) ?? 0) / size - (this.#counts.get(value) ?? 0) / this.#total,
    );
    return this.ordered ? orderedDistance(differences) : equalDistance(differences);
  }
}

function equalDistance(differences: readonly number[]): number {
  return differences.reduce((sum, difference) => sum + Math.abs(difference), 0) / 2;
}

function orderedDistance(differences: readonly number[]): number {
  let [moved, distance] = [0, 0];
  for (const difference of differences) {
    moved += difference;
    distance += Math.abs(moved);
  }
  return differences.length < 2 ? 0 : distance / (differences.length - 1);
}
