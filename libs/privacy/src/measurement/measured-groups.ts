import { ExactFigures, type Histogram } from './exact-figures.js';
import { groupText, type GroupKeys } from './group-keys.js';
import type { MeasurementPlan } from './measurement-plan.js';

/**
 * Collects an engine's rows, which begin with the group's keys: positions in public lists, and texts. Where all lists are
 * public there is every group, in their order, whether the table has it or not; else there are those that the table has.
 */
export class MeasuredGroups {
  private readonly figuresOf: bigint[][];
  private readonly keys: GroupKeys[] = [];
  private readonly byKeys = new Map<string, number>();

  constructor(private readonly plan: MeasurementPlan) {
    this.figuresOf = Array.from({ length: plan.groupCount ?? 0 }, () => plan.measures.map(() => 0n));
  }

  add(row: readonly unknown[], figures: bigint[]): void {
    if (this.plan.groupCount !== undefined) {
      this.figuresOf[this.position(row)] = figures;
      return;
    }
    const keys = this.keysOf(row);
    this.byKeys.set(groupText(keys), this.keys.length);
    this.keys.push(keys);
    this.figuresOf.push(figures);
  }

  /** Undefined for a group of which nothing was added. */
  indexOf(row: readonly unknown[]): number | undefined {
    return this.plan.groupCount === undefined
      ? this.byKeys.get(groupText(this.keysOf(row)))
      : this.position(row);
  }

  figures(histograms: readonly Histogram[]): ExactFigures {
    return new ExactFigures(this.figuresOf, histograms, this.keys);
  }

  private position(row: readonly unknown[]): number {
    return this.plan.keys.reduce(
      (index, key, i) => index * (key.kind === 'category' ? key.values.length : 1) + Number(row[i]),
      0,
    );
  }

  private keysOf(row: readonly unknown[]): GroupKeys {
    return this.plan.keys.map((key, i) =>
      key.kind === 'category' ? (key.values[Number(row[i])] ?? '') : String(row[i]),
    );
  }
}
