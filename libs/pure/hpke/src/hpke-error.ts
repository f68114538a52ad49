import { CastellanError } from '@castellan/errors';

export type HpkeErrorCode = 'hpke_key_invalid' | 'hpke_open_failed' | 'hpke_context_used_up';

/** `hpke_open_failed` never says what was wrong: key, encapsulation, info, aad and ciphertext all look alike. */
export class HpkeError extends CastellanError {
  declare readonly code: HpkeErrorCode;

  constructor(code: HpkeErrorCode, publicDetail: string, cause?: unknown) {
    super({ code, kind: 'invalid', publicDetail, cause });
  }
}
