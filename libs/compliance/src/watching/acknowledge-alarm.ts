import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { complianceEvents } from '../compliance-events.js';
import { ComplianceError } from '../compliance-error.js';
import { type AlarmRow, AlarmStore } from './alarm-store.js';

/** Puts on record what somebody found when looking into an alarm. */
@Injectable()
export class AcknowledgeAlarm {
  constructor(
    private readonly database: Database,
    private readonly alarms: AlarmStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws `alarm_acknowledged` */
  async execute(actor: Actor, alarm: AlarmRow, reason: string): Promise<void> {
    requireAbility(actor, 'acknowledge', 'Alarm', alarm);
    await this.database.transaction(async (tx) => {
      if (!(await this.alarms.acknowledge(tx, alarm.id, { by: actor.name, reason }))) throw tooLate();
      await this.audit.append(tx, complianceEvents.alarmAcknowledged(actor, alarm, reason));
    });
  }
}

function tooLate(): ComplianceError {
  return new ComplianceError('alarm_acknowledged', {
    kind: 'conflict',
    publicDetail: 'The alarm has been acknowledged already.',
  });
}
