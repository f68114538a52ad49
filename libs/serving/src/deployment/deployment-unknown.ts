import { ServingError } from '../serving-error.js';

/** The one answer for a name that nobody has, that another organisation has, and that the caller may not see. */
export function deploymentUnknown(name: string): ServingError {
  return new ServingError('deployment_unknown', {
    kind: 'not_found',
    publicDetail: `There is no deployment ${JSON.stringify(name.slice(0, 63))}.`,
  });
}
