import { CastellanError } from '@castellan/errors';

/** How reading or verifying an envelope can fail. All of them are the sender's doing. */
export type DsseErrorCode =
  'envelope_malformed' | 'statement_malformed' | 'signature_malformed' | 'key_unsupported';

/** Raised for envelopes, statements, signatures and keys that are not what the specifications ask for. */
export class DsseError extends CastellanError {
  declare readonly code: DsseErrorCode;

  constructor(code: DsseErrorCode, publicDetail: string, cause?: unknown) {
    super({ code, kind: 'invalid', publicDetail, cause });
  }
}
