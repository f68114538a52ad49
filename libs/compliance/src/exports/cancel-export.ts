import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { complianceEvents } from '../compliance-events.js';
import { type ExportRow, ExportStore } from './export-store.js';

/** Gives up an export. One that has ended stays as it ended. */
@Injectable()
export class CancelExport {
  constructor(
    private readonly database: Database,
    private readonly exports: ExportStore,
    private readonly audit: AuditLog,
  ) {}

  async execute(actor: Actor, row: ExportRow): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (await this.exports.cancel(tx, row.id))
        await this.audit.append(tx, complianceEvents.exportCancelled(actor, row));
    });
  }
}
