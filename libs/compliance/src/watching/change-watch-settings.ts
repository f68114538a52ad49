import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { WatchSettings } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { complianceEvents } from '../compliance-events.js';
import { WatchStore } from './watch-store.js';

/** Sets hours, thresholds and muted rules; the log keeps what they were and what they are. */
@Injectable()
export class ChangeWatchSettings {
  constructor(
    private readonly database: Database,
    private readonly store: WatchStore,
    private readonly audit: AuditLog,
  ) {}

  async execute(actor: Actor, settings: WatchSettings): Promise<void> {
    const { organizationId } = actor;
    requireAbility(actor, 'change', 'WatchSetting', { organizationId });
    await this.database.transaction(async (tx) => {
      const before = await this.store.change(tx, organizationId, settings);
      await this.audit.append(tx, complianceEvents.watchSettingsChanged(actor, before, settings));
    });
  }
}
