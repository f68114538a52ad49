import type { RecordedEvent } from '@castellan/audit';
import { AlarmEvidence } from '@castellan/contracts';

/** New, and resolved. */
const statuses: Readonly<Record<string, number>> = { 'alarm.raised': 1, 'alarm.acknowledged': 4 };

/** What a Detection Finding (2004) has beside the base: which alarm, by what it was found, and its evidence. */
export function ocsfFinding(action: string, event: RecordedEvent | undefined): Record<string, unknown> {
  const { resource, details, reason } = event ?? {};
  const evidence = AlarmEvidence.safeParse(details?.['evidence']).data;
  const rule = evidence?.rule ?? String(details?.['rule'] ?? 'unknown');
  // 1 is a rule, 3 a statistic (dictionary: analytic.type_id).
  const analytic = { name: rule, type_id: evidence?.usual === undefined ? 1 : 3 };
  return {
    status_id: statuses[action] ?? 0,
    is_alert: action === 'alarm.raised',
    finding_info: { uid: resource?.id ?? 'unknown', title: rule, analytic },
    ...(evidence === undefined ? {} : { evidences: [{ data: evidence }] }),
    ...(reason === undefined ? {} : { comment: reason }),
  };
}
