import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { complianceEvents } from '../compliance-events.js';
import { type TargetRow, TargetStore } from './target-store.js';

const states = { paused: 'paused', resumed: 'running', removed: 'removed' } as const;

/** Pauses, resumes or ends forwarding. A resumed target goes on at its cursor. */
@Injectable()
export class ChangeTarget {
  constructor(
    private readonly database: Database,
    private readonly targets: TargetStore,
    private readonly audit: AuditLog,
  ) {}

  async execute(actor: Actor, target: TargetRow, change: keyof typeof states): Promise<void> {
    requireAbility(actor, 'change', 'ForwardingTarget', target);
    await this.database.transaction(async (tx) => {
      await this.targets.change(tx, target.id, states[change]);
      await this.audit.append(tx, complianceEvents.targetChanged(actor, target, change));
    });
  }
}
