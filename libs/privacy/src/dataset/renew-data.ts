import { type Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { type DatasetRow, DatasetStore } from './dataset-store.js';
import { readDocument } from './dataset-document.js';
import { requireSealed } from './require-sealed.js';

/**
 * The steward says that a table which stays elsewhere is other data now: what was asked before is answered anew from here on,
 * and charged, to the same budget. Nothing is read: whether rows have changed would be an answer, and is told to nobody.
 */
@Injectable()
export class RenewData {
  constructor(
    private readonly database: Database,
    private readonly datasets: DatasetStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws dataset_not_sealed, source_unsuitable */
  async execute(actor: Actor, dataset: DatasetRow): Promise<DatasetRow> {
    requireSealed(dataset);
    if (readDocument(dataset).table.source === undefined)
      throw new PrivacyError('source_unsuitable', {
        kind: 'conflict',
        publicDetail: `The table of "${dataset.name}" is sealed here and never changes. New data are a new dataset.`,
      });
    return this.database.transaction(async (tx) => {
      const renewed = await this.datasets.renew(tx, dataset.id);
      await this.audit.append(tx, privacyEvents.renewed(actor, renewed));
      return renewed;
    });
  }
}
