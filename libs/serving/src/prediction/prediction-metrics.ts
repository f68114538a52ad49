import type { Metrics } from '@castellan/telemetry';

/** Predictions by deployment and outcome: `served`, or the code of the refusal. No label for names that nobody has. */
export class PredictionMetrics {
  readonly #predictions;

  constructor(metrics: Metrics) {
    this.#predictions = metrics.counter('castellan_predictions_total', 'Predictions by what became of them', [
      'deployment',
      'outcome',
    ]);
  }

  count(deployment: string | undefined, outcome: string): void {
    this.#predictions.inc({ deployment: deployment ?? '', outcome });
  }
}
