import { Alarm, AlarmEvidence, type WatchSettings, type Watching } from '@castellan/contracts';
import type { AlarmRow } from './alarm-store.js';
import { watchRules } from './detector/watch-rules.js';

export function showAlarm(row: AlarmRow): Alarm {
  const { id, eventId, raisedAt, acknowledgedAt, acknowledgedBy, reason } = row;
  const acknowledged =
    acknowledgedAt === null
      ? {}
      : {
          acknowledged: { by: acknowledgedBy ?? '', at: acknowledgedAt.toISOString(), reason: reason ?? '' },
        };
  const evidence = AlarmEvidence.parse(row.evidence);
  return Alarm.parse({ ...evidence, id, eventId, raisedAt: raisedAt.toISOString(), ...acknowledged });
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
