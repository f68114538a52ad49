import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { ConfirmClassification as ConfirmRequest } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { readDocument } from '../dataset/dataset-document.js';
import { type DatasetRow, DatasetStore } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';
import { taskEvents } from '../task/task-events.js';

/** Records which personal data the steward says each column holds. Said again, the newer word holds; the log has all. */
@Injectable()
export class ConfirmClassification {
  constructor(
    private readonly database: Database,
    private readonly datasets: DatasetStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws classification_incomplete unless every column is named once */
  async execute(actor: Actor, dataset: DatasetRow, { columns }: ConfirmRequest): Promise<DatasetRow> {
    const declared = readDocument(dataset).table.columns.map(({ name }) => name);
    const said = columns.map(({ name }) => name);
    if (said.length !== declared.length || declared.some((name) => !said.includes(name)))
      throw new PrivacyError('classification_incomplete', {
        kind: 'invalid',
        publicDetail: `Say what each column holds, once: ${declared.join(', ')}.`,
      });
    return this.database.transaction(async (tx) => {
      const confirmed = await this.datasets.classify(tx, dataset.id, {
        columns: columns.map(({ name, kinds }) => ({ name, kinds: [...new Set(kinds)] })),
        confirmedByName: actor.name,
        confirmedAt: new Date(),
      });
      await this.audit.append(tx, taskEvents.classificationConfirmed(actor, dataset, columns));
      return confirmed;
    });
  }
}
