import { type Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { DataRequestBody } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { readDocument, type KnownDataset } from '../dataset/dataset-document.js';
import { showDataset } from '../dataset/show-dataset.js';
import { CheckRaise } from '../ledger/raise-budget.js';
import { CheckReidentification } from '../masking/check-reidentification.js';
import { checkPipeline } from '../pipeline/check-pipeline.js';
import { planMasking } from '../masking/masking-plan.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';
import { taskEvents } from './task-events.js';
import { writeRequest } from './task-request.js';
import { TaskRequests } from './task-requests.js';
import { TaskStore, type TaskRow } from './task-store.js';

/** Asks for work on a protected table, or for a higher limit. */
@Injectable()
export class RequestTask {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly requests: TaskRequests,
    private readonly checkRaise: CheckRaise,
    private readonly checkReidentification: CheckReidentification,
    private readonly audit: AuditLog,
  ) {}

  /** Begun at once, unless it has to be signed first. @throws dataset_not_sealed, source_unsuitable, masking_refused, classification_missing, raise_refused, reidentification_refused, outliers_not_yours */
  async execute(actor: Actor, dataset: DatasetRow, asked: DataRequestBody): Promise<TaskRow> {
    const known = readDocument(dataset);
    const body =
      asked.kind === 'budget' || asked.kind === 'lower'
        ? await this.checkRaise.execute(dataset.id, known, asked)
        : asked;
    if (known.table.source !== undefined && (body.kind === 'mask' || body.kind === 'reidentify'))
      throw changes(dataset.name);
    if (body.kind === 'outliers') requireOwnSteward(actor, dataset, known);
    if (body.kind === 'mask') planMasking(known.table, showDataset(dataset).classification, body);
    if (body.kind === 'pipeline') await checkPipeline(this.tasks, dataset, body);
    if (body.kind === 'reidentify') await this.checkReidentification.execute(dataset.id, body);
    const { text, digest } = writeRequest(actor, dataset, known, body, new Date());
    const task = await this.database.transaction(async (tx) => {
      const task = await this.tasks.create(tx, {
        datasetId: dataset.id,
        kind: body.kind,
        request: text,
        digest,
        requestedById: actor.personId,
        requestedByName: actor.name,
        state: body.kind === 'classify' || body.kind === 'outliers' ? 'queued' : 'waiting',
      });
      await this.audit.append(tx, taskEvents.requested(actor, task));
      return task;
    });
    if (task.state === 'queued') await this.requests.request(task.id);
    return task;
  }
}

/** Places of raw records are for whoever brought them in, and a table that changes has no places. */
function requireOwnSteward(
  { personId }: Actor,
  { name, stewardId }: DatasetRow,
  { table }: KnownDataset,
): void {
  if (table.source !== undefined) throw changes(name);
  if (personId === stewardId) return;
  throw new PrivacyError('outliers_not_yours', {
    kind: 'forbidden',
    publicDetail: `Only the steward who declared "${name}" may look for its outliers.`,
  });
}

/** A copy is read twice: its gates are judged over the very rows that go. */
function changes(name: string): PrivacyError {
  return new PrivacyError('source_unsuitable', {
    kind: 'conflict',
    publicDetail: `The table of "${name}" stays elsewhere and may change while it is read. Seal a copy of it for that.`,
  });
}
