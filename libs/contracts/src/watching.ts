import { z } from 'zod';
import { BigCount, Id, Timestamp } from './primitives.js';

/** What is watched for in the audit log. What each counts: libs/compliance/src/watching/SPEC.md. */
export const WatchRule = z.enum([
  'downloads',
  'out_of_hours',
  'denied_burst',
  'new_source',
  'budget_burn',
  'extraction',
]);
export type WatchRule = z.infer<typeof WatchRule>;

/** Who or what an alarm is about. The words come from the log, and so perhaps from an attacker. */
export const AlarmSubject = z.object({
  kind: z.enum(['person', 'process', 'source', 'dataset', 'credential']),
  id: z.string(),
  name: z.string().optional(),
  /** What narrows it down: the network, the purpose of a key, the deployment. */
  about: z.string().optional(),
});
export type AlarmSubject = z.infer<typeof AlarmSubject>;

/** Why an alarm was raised: all of it can be recomputed from the leaves up to the last one named. */
export const AlarmEvidence = z.object({
  rule: WatchRule,
  subject: AlarmSubject,
  /** What was counted in the window that ends at the last event, and from how much on it is an alarm. */
  number: z.number(),
  threshold: z.number(),
  unit: z.enum(['events', 'percent']),
  /** Present when the threshold comes from what is usual for the subject: over how many windows, and how much. */
  usual: z.object({ windows: z.number().int(), mean: z.number(), deviation: z.number() }).optional(),
  windowStart: Timestamp,
  windowEnd: Timestamp,
  /** The counts of equal parts of time, the last of which holds the last event. */
  series: z.array(z.number()),
  seriesStepMs: z.number().int(),
  /** The last of the leaves that were counted. */
  leaves: z.array(BigCount),
});
export type AlarmEvidence = z.infer<typeof AlarmEvidence>;

export const Alarm = AlarmEvidence.extend({
  id: Id,
  /** The leaf that says so: `alarm.raised`. */
  eventId: Id,
  raisedAt: Timestamp,
  acknowledged: z.object({ by: z.string(), at: Timestamp, reason: z.string() }).optional(),
}).meta({ id: 'Alarm' });
export type Alarm = z.infer<typeof Alarm>;

// GET /api/v1/audit/alarms?state=&rule=&before=&limit= ; GET …/{id} ; POST …/{id}/acknowledge
export const AlarmQuery = z
  .object({
    state: z.enum(['open', 'acknowledged']).optional(),
    rule: WatchRule.optional(),
    /** Only alarms before this one: the last of the page before. */
    before: Id.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  })
  .meta({ id: 'AlarmQuery' });
export type AlarmQuery = z.infer<typeof AlarmQuery>;

/** Newest first. `open` counts every alarm that nobody has acknowledged. */
export const AlarmList = z
  .object({ alarms: z.array(Alarm), next: Id.optional(), open: z.number().int() })
  .meta({ id: 'AlarmList' });
export type AlarmList = z.infer<typeof AlarmList>;

export const AcknowledgeAlarm = z
  .object({ reason: z.string().trim().min(1).max(1_000) })
  .meta({ id: 'AcknowledgeAlarm' });
export type AcknowledgeAlarm = z.infer<typeof AcknowledgeAlarm>;

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be a time zone of the IANA database, such as Asia/Shanghai');
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 08:30');

/** When people work here. `to` before `from` means that the day ends after midnight. */
export const WorkingHours = z.object({
  timeZone,
  /** 1 is Monday, 7 is Sunday. */
  days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
  from: timeOfDay,
  to: timeOfDay,
});
export type WorkingHours = z.infer<typeof WorkingHours>;

// GET|PUT /api/v1/audit/watching
export const WatchSettings = z
  .object({
    /** Absent: releases of keys are not judged by the hour. */
    hours: WorkingHours.optional(),
    /** In place of a rule's own. */
    thresholds: z.partialRecord(WatchRule, z.number().int().min(1).max(1_000_000_000)).default({}),
    muted: z.array(WatchRule).max(WatchRule.options.length).default([]),
  })
  .meta({ id: 'WatchSettings' });
export type WatchSettings = z.infer<typeof WatchSettings>;

export const Watching = z
  .object({
    settings: WatchSettings,
    rules: z.array(
      z.object({
        rule: WatchRule,
        windowMs: z.number().int(),
        unit: AlarmEvidence.shape.unit,
        /** The rule's own threshold, and the one that holds here. */
        ownThreshold: z.number(),
        threshold: z.number(),
        /** Whether the threshold rises with what is usual for a subject. */
        learns: z.boolean(),
        state: z.enum(['watching', 'muted', 'needs_hours']),
      }),
    ),
    /** Signed leaves that have not been looked at yet. */
    behind: BigCount,
  })
  .meta({ id: 'Watching' });
export type Watching = z.infer<typeof Watching>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
