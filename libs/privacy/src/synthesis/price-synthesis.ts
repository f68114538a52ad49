import type { MarginalNoise, SynthesisPrice, SynthesisRequest } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { toNumber, type IntegerMechanism } from '@castellan/differential-privacy';
import { Injectable } from '@nestjs/common';
import { CONFIDENCE } from '../asking/describe-columns.js';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { chargeIn, lossText } from '../ledger/accounting.js';
import { epsilonText } from '../ledger/pico-epsilon.js';
import { PrivacyLedger, remainingOf } from '../ledger/privacy-ledger.js';
import { prepareSynthesis } from './prepare-synthesis.js';

/** Says what a synthetic table would cost and how noisy its counts would be. Touches no data and costs nothing. */
@Injectable()
export class PriceSynthesis {
  constructor(
    private readonly database: Database,
    private readonly ledger: PrivacyLedger,
  ) {}

  /** @throws what `prepareSynthesis` and `chargeIn` throw */
  async execute(dataset: DatasetRow, request: SynthesisRequest): Promise<SynthesisPrice> {
    const { accounting } = readDocument(dataset).table;
    const costPico = chargeIn(accounting, request);
    const { plan, domain, digest } = prepareSynthesis(dataset, request, costPico);
    const [figures, released] = await Promise.all([
      this.ledger.figures(dataset.id),
      this.ledger.released(this.database.client, dataset.id, digest),
    ]);
    return {
      ...lossText(accounting, released ? 0n : costPico),
      remaining: epsilonText(remainingOf(figures)),
      free: released !== null,
      rowsPerUnit: Number(plan.rowsPerUnit),
      columns: domain.map(({ column, values }) => ({ name: column.name, values })),
      single: noiseOf(plan.single, plan.cells.length),
      ...(plan.pair ? { pair: noiseOf(plan.pair, plan.links) } : {}),
      candidates: plan.candidates.length,
    };
  }
}

function noiseOf(mechanism: IntegerMechanism, marginals: number): MarginalNoise {
  return {
    mechanism: mechanism.name,
    noiseScale: toNumber(mechanism.scale),
    interval95: Number(mechanism.halfWidth(CONFIDENCE)),
    marginals,
  };
}
