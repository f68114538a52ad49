import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type ServingErrorCode =
  /** No deployment of this name runs in the caller's organisation. Other organisations' names look the same. */
  | 'deployment_unknown'
  /** The organisation already runs a deployment of this name. */
  | 'deployment_exists'
  /** The name is taken by a deployment of somebody else; names are unique on the gateway. */
  | 'deployment_name_taken'
  | 'version_unknown'
  | 'version_not_finalized'
  /** The caller may not do this here: a role is missing, or the key is limited to other deployments. */
  | 'not_permitted'
  /** The request fits several deployments and names none. */
  | 'model_ambiguous'
  /** The keybroker does not let the version be served; `meta.reasons` says why. */
  | 'not_approved'
  /** The version is being loaded, or no worker can take it now. */
  | 'not_ready'
  /** The version's files could not be loaded. */
  | 'deployment_failed'
  | 'queue_full'
  | 'input_malformed'
  /** The worker does not take requests from this gateway. */
  | 'worker_unavailable'
  /** The worker's answer is not what its signature promises. */
  | 'worker_answer_malformed';

export class ServingError extends CastellanError {
  declare readonly code: ServingErrorCode;

  constructor(code: ServingErrorCode, details: Omit<ErrorDetails, 'code'>) {
    super({ code, ...details });
  }
}
