import { CastellanError } from '@castellan/errors';
import { refusalText, type RefusalReason, type Route } from '../routing/route.js';
import { ServingError } from '../serving-error.js';

const RETRY_SOON_MS = 1_000;

/** What to tell somebody whose deployment has no worker, by the real cause. */
export function refusalOf({ name, phase, reason, message, refusals }: Route): ServingError {
  switch (phase) {
    case 'refused':
      return notApproved(name, refusals, message);
    case 'failed':
      return new ServingError('deployment_failed', {
        kind: 'unavailable',
        publicDetail: `"${name}" could not be loaded.${message === undefined ? '' : ` ${message}`}`,
        retryAfterMs: 10_000,
        ...(reason === undefined ? {} : { meta: { reason } }),
      });
    case 'loading':
    case 'pending':
    case 'ready':
    case 'stopped':
      return notReady(name);
  }
}

/** `message`: what a worker was told, for when the keybroker itself can't be asked. */
export function notApproved(
  name: string,
  refusals: readonly RefusalReason[],
  message = 'The keybroker does not release its key.',
): ServingError {
  const why = refusals.length > 0 ? refusalText(refusals) : message;
  return new ServingError('not_approved', {
    kind: 'forbidden',
    publicDetail: `"${name}" may not be served. ${why}`,
    meta: { reasons: refusals },
  });
}

export function notReady(name: string): ServingError {
  return new ServingError('not_ready', {
    kind: 'unavailable',
    publicDetail: `"${name}" is being made ready.`,
    retryAfterMs: RETRY_SOON_MS,
  });
}

const withoutWeights: ReadonlySet<string> = new Set(['model_not_ready', 'deployment_unknown']);

/** A worker's final word that it holds no weights it may use: never placed there, refused, or its lease is over. */
export function isWithoutWeights(error: unknown): boolean {
  return error instanceof CastellanError && withoutWeights.has(error.code);
}
