import { RandomBits } from '@castellan/differential-privacy';
import { Injectable } from '@nestjs/common';
import type { NoisyFigures } from './exact-figures.js';
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

  async measure(plan: MeasurementPlan, table: Uint8Array): Promise<NoisyFigures> {
    return (await this.engine.measure(plan, table, freshKey(this.random))).release(plan, this.random);
  }
}
