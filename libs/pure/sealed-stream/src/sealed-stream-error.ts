import { CastellanError, type ErrorKind } from '@castellan/errors';

export type SealedStreamErrorCode =
  'unsealing_failed' | 'data_key_invalid' | 'object_too_large' | 'range_invalid';

/**
 * Why an object did not open, for tests, logs and the vectors. Never for whoever asked:
 * - `truncated`: the object ends where no object can end (within the header, at a full chunk, within a tag);
 * - `commitment`: it was not sealed with this key in this context, or its header was changed;
 * - `chunk`: a chunk was changed, cut, moved or taken from elsewhere.
 */
export type UnsealingFailure = 'truncated' | 'commitment' | 'chunk';

const DETAILS: Record<SealedStreamErrorCode, { kind: ErrorKind; publicDetail: string }> = {
  unsealing_failed: { kind: 'internal', publicDetail: 'The sealed object could not be opened.' },
  data_key_invalid: { kind: 'internal', publicDetail: 'A data key is a secret of 32 bytes.' },
  object_too_large: {
    kind: 'invalid',
    publicDetail: 'The object has more chunks than the format can number.',
  },
  range_invalid: { kind: 'invalid', publicDetail: 'The range does not lie within the object.' },
};

/** Every `unsealing_failed` looks alike outside: same code, same detail, no meta. Only `failure` differs. */
export class SealedStreamError extends CastellanError {
  declare readonly code: SealedStreamErrorCode;

  constructor(
    code: SealedStreamErrorCode,
    readonly failure?: UnsealingFailure,
  ) {
    super({ code, ...DETAILS[code] });
  }
}

export function unsealingFailed(failure: UnsealingFailure): SealedStreamError {
  return new SealedStreamError('unsealing_failed', failure);
}
