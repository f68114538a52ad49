import { Injectable } from '@nestjs/common';
import { AuditLog } from '@castellan/audit';
import { CastellanError } from '@castellan/errors';
import type { Tensor } from '@castellan/tensors';
import type { Route } from '../routing/route.js';
import { servingEvents } from '../serving-events.js';
import type { Prediction, PredictionCall } from './predict.js';
import { PredictionMetrics } from './prediction-metrics.js';
import { tensorsDigest } from './tensors-digest.js';

type Caller = Pick<PredictionCall<unknown>, 'actor' | 'origin'>;

interface RefusedPrediction {
  /** As far as the caller said it. */
  readonly name: string | undefined;
  /** Only when the caller may know of it. */
  readonly route: Route | undefined;
  readonly error: unknown;
}

/**
 * What became of each prediction, durable in the audit log when the call returns. The log names inputs and outputs by
 * digest and refusals by code: a refusal's sentence may quote a value of the input.
 */
@Injectable()
export class PredictionRecord {
  constructor(
    private readonly audit: AuditLog,
    private readonly metrics: PredictionMetrics,
  ) {}

  async served(
    { actor, origin }: Caller,
    { route, worker, outputs }: Prediction,
    inputs: readonly Tensor[],
  ): Promise<void> {
    const digests = { inputDigest: tensorsDigest(inputs), outputDigest: tensorsDigest(outputs) };
    await this.audit.appendDurably(servingEvents.predictionServed(actor, origin, route, worker, digests));
    this.metrics.count(route.name, 'served');
  }

  /** A full queue is counted, not recorded: shedding load must cost nothing. */
  async refused({ actor, origin }: Caller, { name = '', route, error }: RefusedPrediction): Promise<void> {
    const reason = error instanceof CastellanError ? error.code : 'internal';
    this.metrics.count(route?.name, reason);
    if (reason === 'queue_full') return;
    await this.audit.appendDurably(
      servingEvents.predictionRefused(actor, origin, { name, reason, ...(route && { route }) }),
    );
  }
}
