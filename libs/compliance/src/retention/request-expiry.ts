import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog, AuditReader } from '@castellan/audit';
import { Database } from '@castellan/database';
import { JobQueue } from '@castellan/queue';
import { ComplianceError } from '../compliance-error.js';
import { parseCheckpoint } from '../exports/parse-checkpoint.js';
import { expiryQueue } from './expiry-queue.js';
import { type ExpiryRunRow, ExpiryRunStore } from './expiry-run-store.js';
import { retentionEvents } from './retention-events.js';
import type { Scope } from './scope.js';

/** Asks that what is due expire now and not at the next daily run. */
@Injectable()
export class RequestExpiry {
  constructor(
    private readonly database: Database,
    private readonly runs: ExpiryRunStore,
    private readonly audit: AuditLog,
    private readonly log: AuditReader,
    private readonly queue: JobQueue,
  ) {}

  /** @throws `expiry_running`; AuditError `checkpoint_missing` */
  async execute(actor: Actor, scope: Scope): Promise<ExpiryRunRow> {
    requireAbility(actor, 'change', 'RetentionPolicy', { organizationId: scope });
    const { checkpoint } = await this.log.signedLeaves(0n, 0);
    const treeSize = BigInt(parseCheckpoint(checkpoint).size);
    const run = await this.database.transaction(async (tx) => {
      const started = await this.runs.start(tx, scope, { requestedBy: actor.name, treeSize });
      if (started === undefined) throw running();
      await this.audit.append(tx, retentionEvents.expiryRequested(actor, started));
      return started;
    });
    await this.queue.enqueue(expiryQueue, { runId: run.id }, { once: run.id });
    return run;
  }
}

function running(): ComplianceError {
  return new ComplianceError('expiry_running', {
    kind: 'conflict',
    publicDetail: 'Expiry is at work already; look at its progress.',
  });
}
