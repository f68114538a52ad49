import type { Actor } from '@castellan/access';
import type { SynthesisRequest } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import { MeasurementRequests } from '../asking/measurement-requests.js';
import { readDocument } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { AdmitCharge } from '../ledger/admit-charge.js';
import { chargeIn } from '../ledger/accounting.js';
import { RunStore, type RunRow } from '../runs/run-store.js';
import { prepareSynthesis } from './prepare-synthesis.js';

/**
 * Asks for a synthetic table. It is charged like a question, before the data are touched, and made by a job. The same one
 * of the same data is made once and is free from then on.
 */
@Injectable()
export class RequestSynthesis {
  constructor(
    private readonly charges: AdmitCharge,
    private readonly runs: RunStore,
    private readonly requests: MeasurementRequests,
  ) {}

  /** @throws epsilon_malformed, epsilon_out_of_range, question_refused, dataset_not_sealed, budget_exhausted */
  async execute(actor: Actor, dataset: DatasetRow, wanted: SynthesisRequest): Promise<RunRow> {
    const costPico = chargeIn(readDocument(dataset).table.accounting, wanted);
    const { known, text, digest, request } = prepareSynthesis(dataset, wanted, costPico);
    const charge = { dataset, known, question: text, questionDigest: digest, costPico, costAtto: 0n };
    const admission = await this.charges.execute(actor, charge, (tx, entryId) =>
      this.runs.create(tx, { entryId, datasetId: dataset.id, kind: 'synthesis', request }),
    );
    const entryId = admission.outcome === 'answered' ? admission.release.entryId : admission.entryId;
    if (admission.outcome !== 'answered') await this.requests.request(entryId);
    const run = await this.runs.byEntry(entryId);
    if (run === null) throw new Error(`ledger entry ${entryId} has no run`);
    return run;
  }
}
