import { RandomBits } from '@castellan/differential-privacy';
import { Injectable } from '@nestjs/common';
import { MeasurementEngine } from './measurement-engine.js';
import type { MeasurementPlan } from './measurement-plan.js';

/** Exact sums by the engine, noise by us: what comes out may be shown. */
@Injectable()
export class PrivateMeasurement {
  constructor(
    private readonly engine: MeasurementEngine,
    private readonly random: RandomBits,
  ) {}

  /** One noisy integer a group: by measure, then by quantile, in the order of the plan. */
  async measure(plan: MeasurementPlan, table: Uint8Array): Promise<bigint[][]> {
    const exact = await this.engine.measure(plan, table, this.selectionKey());
    const groups = exact.release(plan.measures, this.random);
    const noisy = plan.measures.map((_, m) => groups.map((figures) => figures[m] ?? 0n));
    return [...noisy, ...exact.select(plan, this.random)];
  }

  /** Which groups of a unit count when it has too many: anew for every measurement, so that nobody can aim at it. */
  private selectionKey(): string {
    return Array.from({ length: 4 }, () => this.random.take(32).toString(16).padStart(8, '0')).join('');
  }
}
