import { CastellanError, type ErrorKind } from '@castellan/errors';

export type KmsErrorCode =
  | 'kms_passphrase_wrong'
  | 'kms_passphrase_weak'
  | 'kms_file_malformed'
  | 'kms_unseal_failed'
  | 'kms_url_invalid'
  | 'kms_key_unsuitable'
  | 'kms_unavailable';

const DETAILS: Record<KmsErrorCode, { kind: ErrorKind; publicDetail: string }> = {
  kms_passphrase_wrong: {
    kind: 'unauthenticated',
    publicDetail: 'The passphrase does not open the root key file, or the file was changed.',
  },
  kms_passphrase_weak: { kind: 'invalid', publicDetail: 'A new passphrase needs at least 12 characters.' },
  kms_file_malformed: { kind: 'invalid', publicDetail: 'The root key file is not one.' },
  kms_unseal_failed: { kind: 'internal', publicDetail: 'The sealed secret could not be opened.' },
  kms_url_invalid: {
    kind: 'invalid',
    publicDetail: 'That is not the address of a key store, or its token is missing.',
  },
  kms_key_unsuitable: {
    kind: 'invalid',
    publicDetail:
      'The key store has no such key, or it is not fit: it must be symmetric, in use, and bind a context.',
  },
  kms_unavailable: { kind: 'unavailable', publicDetail: 'The key store does not answer.' },
};

export class KmsError extends CastellanError {
  declare readonly code: KmsErrorCode;

  constructor(code: KmsErrorCode, cause?: unknown) {
    super({ code, ...DETAILS[code], cause });
  }
}
