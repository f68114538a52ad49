import { CastellanError } from '@castellan/errors';

export type LogAlarmCode =
  /** What is presented as the checkpoint is not signed by the log's key, or is of another log. */
  | 'checkpoint_invalid'
  /** The log presents fewer leaves than it has signed before. */
  | 'checkpoint_rolled_back'
  /** Two checkpoints, both signed by the log's key, of which one is no growth of the other. */
  | 'log_forked'
  /** The tiles that are served do not lead to the signed root. */
  | 'tiles_differ'
  /** The entries that are served are not the ones that were signed. */
  | 'entries_differ'
  /** A payload is not served, and no signed event says that it expired. */
  | 'payload_missing'
  /** A tile or an entry that the signed size calls for is not served. */
  | 'log_incomplete';

/**
 * A log that broke what it promised, seen from outside. `meta` holds the notes that show it: keep them, they are the proof.
 */
export class LogAlarm extends CastellanError {
  declare readonly code: LogAlarmCode;

  constructor(
    code: LogAlarmCode,
    publicDetail: string,
    notes: { readonly held?: string | undefined; readonly presented: string },
    cause?: unknown,
  ) {
    super({ code, kind: 'conflict', publicDetail, cause, meta: notes });
  }
}
