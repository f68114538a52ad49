import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type WorkerErrorCode =
  /** This worker was not given a deployment of that name. */
  | 'deployment_unknown'
  /** It holds no weights for it: still loading, refused, failed, or its lease has ended. */
  | 'model_not_ready'
  /** What was released is not what the version's digest names. */
  | 'release_inconsistent'
  /** The keybroker did not renew in time. */
  | 'lease_expired'
  /** No engine here reads these files, or more than one does. */
  | 'engine_missing'
  | 'request_too_large';

export class WorkerError extends CastellanError {
  declare readonly code: WorkerErrorCode;

  constructor(code: WorkerErrorCode, details: Omit<ErrorDetails, 'code'>) {
    super({ code, ...details });
  }
}
