import type { RecordedEvent } from '@castellan/audit';
import type { WatchSettings } from '@castellan/contracts';
import { Detector, type Finding } from '../detector/detector.js';

export interface Noticed extends Finding {
  /** How many events the detector had seen of these. */
  readonly after: number;
}

/** What a detector finds in events in the order of a log. */
export function watchStream(
  detector: Detector,
  events: Iterable<RecordedEvent>,
  settings: WatchSettings,
): Noticed[] {
  const found: Noticed[] = [];
  let index = 0n;
  for (const event of events) {
    const timeMs = new Date(event.time).getTime();
    const seen = { index: index++, event, timeMs, organizationId: event.organizationId ?? 'founding' };
    const after = Number(index);
    found.push(...detector.observe(seen, settings).map((finding) => ({ ...finding, after })));
  }
  return found;
}
