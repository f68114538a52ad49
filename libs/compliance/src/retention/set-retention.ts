import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { RetentionDays } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { ComplianceError } from '../compliance-error.js';
import { retentionEvents } from './retention-events.js';
import { RetentionMinima } from './retention-minima.js';
import { belowMinimum } from './retention-period.js';
import { daysOf, type RetentionRow, RetentionStore } from './retention-store.js';
import type { Scope } from './scope.js';

/** Sets for how long events are kept. Nothing expires by itself within a day of it, so that a slip can be taken back. */
@Injectable()
export class SetRetention {
  constructor(
    private readonly database: Database,
    private readonly retention: RetentionStore,
    private readonly minima: RetentionMinima,
    private readonly audit: AuditLog,
  ) {}

  /** @throws `retention_below_minimum` */
  async execute(actor: Actor, scope: Scope, days: RetentionDays): Promise<RetentionRow> {
    requireAbility(actor, 'change', 'RetentionPolicy', { organizationId: scope });
    const [tooFew] = belowMinimum(days, this.minima.days);
    if (tooFew !== undefined)
      throw new ComplianceError('retention_below_minimum', {
        kind: 'invalid',
        publicDetail: `Events of the class ${tooFew} must be kept for ${this.minima.days[tooFew]} days at least.`,
      });
    return this.database.transaction(async (tx) => {
      const before = daysOf(await tx.retentionPolicy.findUnique({ where: { organizationId: scope } }));
      const row = await this.retention.set(tx, scope, { days, setById: actor.personId, setBy: actor.name });
      await this.audit.append(tx, retentionEvents.retentionSet(actor, { scope, before, days }));
      return row;
    });
  }
}
