import { CastellanError } from '@castellan/errors';

export type PkiErrorCode =
  | 'csr_invalid'
  | 'identity_invalid'
  | 'authority_invalid'
  | 'peer_unidentified'
  | 'recipient_invalid'
  | 'recipient_not_valid_now'
  | 'time_stamp_invalid'
  | 'time_stamp_untrusted'
  | 'time_stamp_refused';

/** Raised for requests, names and certificates that the platform's authority does not accept. */
export class PkiError extends CastellanError {
  declare readonly code: PkiErrorCode;

  constructor(code: PkiErrorCode, publicDetail: string, cause?: unknown) {
    super({ code, kind: code === 'peer_unidentified' ? 'unauthenticated' : 'invalid', publicDetail, cause });
  }
}
