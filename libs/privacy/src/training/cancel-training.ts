import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyLedger } from '../ledger/privacy-ledger.js';
import { privacyEvents } from '../privacy-events.js';
import { RunStore, type RunRow } from '../runs/run-store.js';

/** Asks a training to stop. One that has not started is refunded at once; one that has stays charged. */
@Injectable()
export class CancelTraining {
  constructor(
    private readonly database: Database,
    private readonly ledger: PrivacyLedger,
    private readonly runs: RunStore,
    private readonly audit: AuditLog,
  ) {}

  async execute(actor: Actor, dataset: DatasetRow, { entryId, entry }: RunRow): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (!(await this.runs.cancel(tx, entryId))) return;
      await this.audit.append(tx, privacyEvents.trainingCancelled(actor, dataset, entryId));
      if (await this.ledger.refund(tx, entry, 'cancelled'))
        await this.audit.append(tx, privacyEvents.refunded(dataset, entry, 'cancelled'));
    });
  }
}
