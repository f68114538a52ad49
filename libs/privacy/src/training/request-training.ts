import type { Actor } from '@castellan/access';
import type { TrainingRequest } from '@castellan/contracts';
import { CreateModel } from '@castellan/registry';
import { Injectable } from '@nestjs/common';
import { MeasurementRequests } from '../asking/measurement-requests.js';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { AdmitCharge } from '../ledger/admit-charge.js';
import { deltaChargeOf } from '../ledger/atto-delta.js';
import { chargeIn } from '../ledger/accounting.js';
import { RunStore, type RunRow } from '../runs/run-store.js';
import { JudgeTraining } from './judge-training.js';
import { prepareTraining } from './prepare-training.js';

/**
 * Asks for a model to be trained. It is charged like a question, epsilon and delta together, before the data are touched,
 * and trained by a job. Whoever asks may ask the dataset and publish versions of the model; one that is new is opened in the
 * dataset's project, in the transaction of the charge.
 */
@Injectable()
export class RequestTraining {
  constructor(
    private readonly judge: JudgeTraining,
    private readonly charges: AdmitCharge,
    private readonly runs: RunStore,
    private readonly requests: MeasurementRequests,
    private readonly models: CreateModel,
  ) {}

  /**
   * @throws model_exists (one that they can't see), not_permitted, synthesis_unknown, question_refused, dataset_not_sealed, budget_exhausted,
   * base_unknown, base_not_approved, epsilon_malformed, epsilon_out_of_range, delta_malformed, delta_out_of_range, parameter_invalid
   */
  async execute(actor: Actor, dataset: DatasetRow, request: TrainingRequest): Promise<RunRow> {
    const { epsilon, delta, base: _, ...rest } = request;
    const { isNew, base } = await this.judge.execute(actor, dataset, request);
    const wanted = { ...rest, ...(base && { base }) };
    const { accounting } = readDocument(dataset).table;
    const cost = { costPico: chargeIn(accounting, { epsilon }), costAtto: deltaChargeOf(delta) };
    const { known, text, digest, request: canonical } = prepareTraining(dataset, wanted, cost);
    const charge = { dataset, known, question: text, questionDigest: digest, ...cost };
    const admission = await this.charges.execute(actor, charge, async (tx, entryId) => {
      await this.runs.create(tx, { entryId, datasetId: dataset.id, kind: 'training', request: canonical });
      const model = { project: dataset.project.name, name: wanted.model, description: '' };
      if (isNew) await this.models.within(tx, actor, model);
    });
    const entryId = admission.outcome === 'answered' ? admission.release.entryId : admission.entryId;
    if (admission.outcome !== 'answered') await this.requests.request(entryId);
    const run = await this.runs.byEntry(entryId);
    if (run === null) throw new Error(`ledger entry ${entryId} has no run`);
    return run;
  }
}
