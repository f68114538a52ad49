import type { WatchRule } from '@castellan/contracts';
import type { Metrics } from '@castellan/telemetry';

/** Alarms by rule, and how far watching is behind the signed log. */
export class WatchMetrics {
  readonly #alarms;
  readonly #behind;

  constructor(metrics: Metrics) {
    this.#alarms = metrics.counter('castellan_alarms_total', 'Alarms that watching raised', ['rule']);
    this.#behind = metrics.gauge(
      'castellan_watching_behind_leaves',
      'Signed leaves that watching has not looked at',
    );
  }

  tell(behind: number, raised: readonly WatchRule[]): void {
    this.#behind.set(behind);
    for (const rule of raised) this.#alarms.inc({ rule });
  }
}
