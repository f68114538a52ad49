import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type AccessErrorCode =
  /** No key and no session came with the request. */
  | 'credentials_missing'
  /** Unknown, mistyped, revoked, expired or used up, or its owner is disabled: which of them is not told. */
  | 'credentials_invalid'
  /** Of AWS Signature Version 4: not one, or it leaves out what must be signed. */
  | 'signature_malformed'
  | 'signature_mismatch'
  | 'request_time_skewed'
  /** S3 keys are told to whoever shows an API key, not to a session. */
  | 's3_needs_api_key'
  /** A browser sent the session cookie from a page of somebody else. */
  | 'cross_site_request'
  | 'not_permitted'
  | 'organization_exists'
  | 'project_exists'
  | 'project_unknown'
  | 'person_exists'
  | 'person_unknown'
  | 'credential_unknown'
  /** People may not disable themselves: somebody must be left to undo it. */
  | 'self_disable';

export class AccessError extends CastellanError {
  declare readonly code: AccessErrorCode;

  constructor(details: ErrorDetails & { readonly code: AccessErrorCode }) {
    super(details);
  }
}

export function notPermitted(permission: string): AccessError {
  return new AccessError({
    code: 'not_permitted',
    kind: 'forbidden',
    publicDetail: `Your roles do not include the permission ${permission}.`,
    meta: { permission },
  });
}
