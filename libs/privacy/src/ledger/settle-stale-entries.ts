import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { MeasurementRequests } from '../asking/measurement-requests.js';
import { DatasetStore } from '../dataset/dataset-store.js';
import { privacyEvents } from '../privacy-events.js';
import { PrivacyLedger, type LedgerEntryRow } from './privacy-ledger.js';

export interface Patience {
  /** After this an entry that nobody started is asked for again: the first request may have been lost. */
  readonly askAgainMs: number;
  /** So long after its last sign of life an entry is settled without an answer. Longer than any measurement takes. */
  readonly giveUpMs: number;
}

const PATIENCE: Patience = { askAgainMs: 5_000, giveUpMs: 120_000 };

/**
 * Settles what a process that died has left: an entry whose engine had started stays charged, one whose engine never
 * started is asked for again and in the end refunded. Safe to run anywhere at any time, beside measurements as well.
 */
@Injectable()
export class SettleStaleEntries {
  constructor(
    private readonly database: Database,
    private readonly datasets: DatasetStore,
    private readonly ledger: PrivacyLedger,
    private readonly requests: MeasurementRequests,
    private readonly audit: AuditLog,
  ) {}

  async execute(patience: Patience = PATIENCE, now = new Date()): Promise<void> {
    const giveUp = new Date(now.getTime() - patience.giveUpMs);
    for (const entry of await this.ledger.unsettled(new Date(now.getTime() - patience.askAgainMs))) {
      const alive = entry.run?.heartbeatAt ?? entry.startedAt ?? entry.createdAt;
      if (alive < giveUp) await this.settle(entry);
      else if (entry.startedAt === null) await this.requests.request(entry.id);
    }
  }

  private async settle(entry: LedgerEntryRow): Promise<void> {
    const dataset = await this.datasets.byId(entry.datasetId);
    if (dataset === null) throw new Error(`ledger entry ${entry.id} is of no dataset`);
    await this.database.transaction(async (tx) => {
      if (entry.startedAt !== null && (await this.ledger.commit(tx, entry, 'engine_lost')))
        await this.audit.append(tx, privacyEvents.chargedWithoutAnswer(dataset, entry, 'engine_lost'));
      // Should the engine start between the look and the refund, the refund does nothing: the next round sees it.
      else if (entry.startedAt === null && (await this.ledger.refund(tx, entry, 'never_started')))
        await this.audit.append(tx, privacyEvents.refunded(dataset, entry, 'never_started'));
    });
  }
}
