import { RandomBits } from '@castellan/differential-privacy';
import { Injectable } from '@nestjs/common';
import { freshKey } from './fresh-key.js';
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
    const exact = await this.engine.measure(plan, table, freshKey(this.random));
    const groups = exact.release(plan.measures, this.random);
    const noisy = plan.measures.map((_, m) => groups.map((figures) => figures[m] ?? 0n));
    return [...noisy, ...exact.select(plan, this.random)];
  }
}
