import type { Actor } from '@castellan/access';
import type { TrainingPrice, TrainingRequest } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { NOISE_PARTS } from '@castellan/differential-privacy';
import { Injectable } from '@nestjs/common';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { deltaChargeOf, deltaText } from '../ledger/atto-delta.js';
import { chargeIn, lossText } from '../ledger/accounting.js';
import { epsilonText } from '../ledger/pico-epsilon.js';
import { PrivacyLedger, remainingDeltaOf, remainingOf } from '../ledger/privacy-ledger.js';
import { FindBase } from './find-base.js';
import { prepareTraining } from './prepare-training.js';

/** Says what a training would cost and how much noise its steps would get. Touches no data and costs nothing. */
@Injectable()
export class PriceTraining {
  constructor(
    private readonly database: Database,
    private readonly ledger: PrivacyLedger,
    private readonly findBase: FindBase,
  ) {}

  /** @throws base_unknown, base_not_approved; what `prepareTraining` and the readers of epsilon and delta throw */
  async execute(
    actor: Actor,
    dataset: DatasetRow,
    { epsilon, delta, base: ref, ...rest }: TrainingRequest,
  ): Promise<TrainingPrice> {
    const base = ref === undefined ? undefined : await this.findBase.execute(actor, ref);
    const wanted = { ...rest, ...(base && { base }) };
    const { accounting } = readDocument(dataset).table;
    const [costPico, costAtto] = [chargeIn(accounting, { epsilon }), deltaChargeOf(delta)];
    const prepared = prepareTraining(dataset, wanted, { costPico, costAtto });
    const [figures, released] = await Promise.all([
      this.ledger.figures(dataset.id),
      this.ledger.released(this.database.client, dataset.id, prepared.digest),
    ]);
    return {
      ...lossText(accounting, released ? 0n : costPico),
      delta: deltaText(released ? 0n : costAtto),
      remaining: epsilonText(remainingOf(figures)),
      remainingDelta: deltaText(remainingDeltaOf(figures)),
      free: released !== null,
      noise: prepared.mechanism.noiseParts / NOISE_PARTS,
      accounted: prepared.accounted.epsilon,
      accountedByRenyi: prepared.accounted.renyiEpsilon,
      parameters: prepared.mechanism.parameters,
      inputs: prepared.shape.inputs,
      outputs: prepared.shape.outputs,
      ...(base && { base: base.ref }),
    };
  }
}
