import { CastellanError } from '@castellan/errors';

export type DifferentialPrivacyErrorCode =
  | 'epsilon_malformed'
  | 'epsilon_out_of_range'
  | 'rho_malformed'
  | 'rho_out_of_range'
  | 'delta_malformed'
  | 'delta_out_of_range'
  | 'parameter_invalid'
  | 'neighbours_mismatch';

/** A parameter that no mechanism or accountant here can honour. It depends on public parameters only, never on data. */
export class DifferentialPrivacyError extends CastellanError {
  constructor(code: DifferentialPrivacyErrorCode, publicDetail: string) {
    super({ code, kind: 'invalid', publicDetail });
  }
}
