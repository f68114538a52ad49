import { randomUUID } from 'node:crypto';
import type {
  Alarm,
  AlarmEvidence,
  AlarmList,
  AlarmQuery,
  AuditExport,
  ForwardingDelivery,
  ForwardingTarget,
  RequestAuditExport,
  Trace,
  Watching,
  WatchSettings,
} from '@castellan/contracts';
import { showRules } from '../../../libs/compliance/src/watching/show-alarm.js';
import { FakeRefusal } from './fake-refusal.js';

/** Alarms, exports, forwarding and traces, each as a spec left it. */
export class FakeCompliance {
  readonly alarms: Alarm[] = [];
  readonly exports: AuditExport[] = [];
  readonly targets: ForwardingTarget[] = [];
  readonly deliveries: ForwardingDelivery[] = [];
  trace: Trace | undefined;
  #settings: WatchSettings = { thresholds: {}, muted: [] };

  raise(evidence: AlarmEvidence, eventId: string, now: Date): void {
    this.alarms.unshift({ ...evidence, id: randomUUID(), eventId, raisedAt: now.toISOString() });
  }

  list({ state, rule, limit }: AlarmQuery): AlarmList {
    const open = this.alarms.filter(({ acknowledged }) => acknowledged === undefined);
    const asked = this.alarms.filter(
      (alarm) =>
        (state === undefined || (alarm.acknowledged === undefined) === (state === 'open')) &&
        (rule === undefined || alarm.rule === rule),
    );
    return { alarms: asked.slice(0, limit), open: open.length };
  }

  acknowledge(id: string, reason: string, by: string, now: Date): Alarm {
    const alarm = this.alarms.find((each) => each.id === id);
    if (alarm === undefined) throw new FakeRefusal(404, 'alarm_unknown', 'There is no such alarm.');
    alarm.acknowledged = { by, reason, at: now.toISOString() };
    return alarm;
  }

  watching(): Watching {
    return { settings: this.#settings, rules: showRules(this.#settings), behind: '0' };
  }

  change(settings: WatchSettings): Watching {
    this.#settings = settings;
    return this.watching();
  }

  request({ format, filter }: RequestAuditExport, requestedBy: string, now: Date): AuditExport {
    const counts = { treeSize: '412', scanned: '180', rows: '37', sizeBytes: '24000' };
    const asked = { id: randomUUID(), format, filter, requestedBy, createdAt: now.toISOString() };
    this.exports.unshift({ ...asked, ...counts, state: 'running' });
    return this.exports[0] ?? ({} as never);
  }
}
