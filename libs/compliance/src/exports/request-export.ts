import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog, AuditReader } from '@castellan/audit';
import type { RequestAuditExport } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { JobQueue } from '@castellan/queue';
import { complianceEvents } from '../compliance-events.js';
import { exportQueue } from './export-queue.js';
import { type ExportRow, ExportStore } from './export-store.js';
import { parseCheckpoint } from './parse-checkpoint.js';

/** Asks for an export. It covers the log as it is signed now. */
@Injectable()
export class RequestExport {
  constructor(
    private readonly database: Database,
    private readonly exports: ExportStore,
    private readonly audit: AuditLog,
    private readonly log: AuditReader,
    private readonly queue: JobQueue,
  ) {}

  /** @throws AuditError `checkpoint_missing` */
  async execute(actor: Actor, { format, filter }: RequestAuditExport): Promise<ExportRow> {
    const { checkpoint } = await this.log.signedLeaves(0n, 0);
    const conditions = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    const asked = await this.database.transaction(async (tx) => {
      const row = await this.exports.create(tx, {
        organizationId: actor.organizationId,
        requestedById: actor.personId,
        requestedBy: actor.name,
        format,
        filter: conditions,
        treeSize: BigInt(parseCheckpoint(checkpoint).size),
        checkpoint,
      });
      await this.audit.append(tx, complianceEvents.exportRequested(actor, row, conditions));
      return row;
    });
    await this.queue.enqueue(exportQueue, { exportId: asked.id }, { once: asked.id });
    return asked;
  }
}
