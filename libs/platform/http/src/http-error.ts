import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type HttpErrorCode =
  /** A path, query or body doesn't fit its schema; `meta.errors` has one message a field. */
  | 'request_invalid'
  /** Not JSON, not the declared length, a malformed URL. */
  | 'request_malformed'
  | 'body_too_large'
  /** A body that doesn't say that it is JSON, where JSON is wanted. */
  | 'content_type_unsupported'
  | 'route_unknown'
  /** The controller's answer doesn't fit its declared schema: a defect of ours. */
  | 'answer_malformed'
  /** A route without `@Endpoint`, or one whose body nobody checks. Found at start. */
  | 'endpoint_undeclared'
  | 'port_in_use'
  | 'peer_required'
  | 'peer_forbidden'
  /** The other side of a mutual TLS call can't be reached or isn't who it should be. */
  | 'peer_unavailable';

export class HttpError extends CastellanError {
  declare readonly code: HttpErrorCode;

  constructor(details: ErrorDetails & { readonly code: HttpErrorCode }) {
    super(details);
  }
}
