import type { OpenedLog } from '@castellan/audit';
import {
  Alarm,
  AlarmEvidence,
  type AuditRecord,
  type WatchSettings,
  type Watching,
} from '@castellan/contracts';
import type { AlarmRow } from './alarm-store.js';
import { watchRules } from './detector/watch-rules.js';

/** Alarms with the names and networks of their subjects, as far as the leaves still tell them. */
export async function showAlarms(
  log: Pick<OpenedLog, 'recordsAbout'>,
  rows: readonly AlarmRow[],
): Promise<Alarm[]> {
  const ids = rows.map(({ id }) => id);
  const leaves = await log.recordsAbout(ids, { action: 'alarm.raised', limit: ids.length });
  const byAlarm = new Map(leaves.map((leaf) => [leaf.resource, leaf.personal?.subject]));
  return rows.map((row) => showAlarm(row, byAlarm.get(`alarm:${row.id}`)));
}

type Personal = NonNullable<AuditRecord['personal']>['subject'];

function showAlarm(row: AlarmRow, personal: Personal): Alarm {
  const { id, eventId, raisedAt, acknowledgedAt, acknowledgedBy, reason } = row;
  const acknowledged =
    acknowledgedAt === null
      ? {}
      : {
          acknowledged: { by: acknowledgedBy ?? '', at: acknowledgedAt.toISOString(), reason: reason ?? '' },
        };
  const { subject, ...evidence } = AlarmEvidence.parse(row.evidence);
  const { name, about } = personal ?? {};
  const named = { ...subject, ...(name && { name }), ...(about && { about }) };
  return Alarm.parse({
    ...evidence,
    subject: named,
    id,
    eventId,
    raisedAt: raisedAt.toISOString(),
    ...acknowledged,
  });
}

/** The rules as they hold for an organization. */
export function showRules(settings: WatchSettings): Watching['rules'] {
  return watchRules.map(({ name, windowMs, unit, threshold, learns }) => ({
    rule: name,
    windowMs,
    unit,
    ownThreshold: threshold,
    threshold: settings.thresholds[name] ?? threshold,
    learns,
    state: settings.muted.includes(name)
      ? 'muted'
      : name === 'out_of_hours' && settings.hours === undefined
        ? 'needs_hours'
        : 'watching',
  }));
}
