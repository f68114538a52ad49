import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type ComplianceErrorCode =
  | 'export_unknown'
  /** It was not finished, or was given up. */
  | 'export_not_ready'
  /** The rows can't be made again as they were signed: payloads have expired since. */
  | 'export_changed'
  | 'target_unknown'
  | 'target_exists'
  | 'target_address_invalid'
  /** The address leads into a network that nobody allowed. */
  | 'target_address_forbidden'
  | 'target_failed'
  | 'trace_subject_unknown'
  | 'alarm_unknown'
  /** Somebody was quicker: an alarm is acknowledged once. */
  | 'alarm_acknowledged'
  /** Fewer days than the law asks for. */
  | 'retention_below_minimum'
  | 'expiry_running'
  | 'project_unknown'
  | 'hold_unknown'
  /** Lifted already, or not asked to be. */
  | 'hold_changed'
  /** It takes two people, and this is the first one again. */
  | 'second_person_needed';

/** Everything compliance refuses on purpose. */
export class ComplianceError extends CastellanError {
  declare readonly code: ComplianceErrorCode;

  constructor(code: ComplianceErrorCode, details: Omit<ErrorDetails, 'code'>) {
    super({ code, ...details });
  }
}
