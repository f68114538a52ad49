import { CastellanError, type ErrorKind } from '@castellan/errors';

export type UpErrorCode =
  /** The folder was written by another release. */
  | 'data_folder_version'
  /** The folder can't be made, or can't be written to. */
  | 'data_folder_unusable'
  /** The folder holds something, and it is not ours. */
  | 'data_folder_foreign'
  /** A restore wants an empty folder. */
  | 'data_folder_not_empty'
  /** Another `castellan up` runs over the folder. */
  | 'data_folder_in_use'
  /** The log could not be closed and another begun. */
  | 'new_log_failed'
  /** The folder was started before with a passphrase that nobody gave now. */
  | 'passphrase_missing'
  /** The owner's services are not those of the folder's first start. */
  | 'services_differ'
  /** Storage and key store under one identity at Amazon. */
  | 'aws_identity_shared'
  | 'port_in_use'
  /** A process ended again and again before it was ready. */
  | 'process_failed'
  | 'start_timed_out'
  | 'programs_missing';

/** Why the stack doesn't run. */
export class UpError extends CastellanError {
  declare readonly code: UpErrorCode;

  constructor(code: UpErrorCode, kind: ErrorKind, publicDetail: string, cause?: unknown) {
    super({ code, kind, publicDetail, cause });
  }
}
