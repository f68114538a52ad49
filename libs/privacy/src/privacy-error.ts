import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type PrivacyErrorCode =
  /** The declaration contradicts itself, or bounds that no integer can hold. */
  | 'declaration_invalid'
  | 'project_unknown'
  | 'dataset_name_taken'
  | 'dataset_unknown'
  | 'dataset_not_sealed'
  | 'dataset_already_sealed'
  /** The database, or the store, that a table stays in does not answer. Nothing was read. */
  | 'source_unavailable'
  /** The login, or the table in that database, is not what may be asked: it could write, it lacks a column. */
  | 'source_refused'
  /** The object that a table is in is another one than was sealed, or is gone. Nothing was read of it that was used. */
  | 'source_changed'
  /** No such database or bucket may be named here; the operator says which may. */
  | 'source_not_allowed'
  /** Another dataset is this table already, and has its budget. */
  | 'source_taken'
  /** What needs a table that doesn't change, or the other way round. */
  | 'source_unsuitable'
  /** Its steward has said meanwhile that the table is other data now. */
  | 'data_version_moved'
  /** The uploaded text is not a table of the declared columns. */
  | 'table_malformed'
  /** The steward's word leaves a column out, or names one twice or one that there isn't. */
  | 'classification_incomplete'
  | 'task_unknown'
  /** The task has ended already. */
  | 'task_settled'
  | 'task_cancelled'
  /** Somebody wrote to the task's row. */
  | 'task_inconsistent'
  | 'result_missing'
  /** A release needs a steward's word on what the columns hold. */
  | 'classification_missing'
  /** Signatures are missing; `meta.reasons` says which. */
  | 'approvals_missing'
  /** The released rows would not satisfy a gate. */
  | 'gate_unmet'
  /** A masking operator whose parameters, or whose value, would hide too little. */
  | 'masking_refused'
  /** Not SQL, or SQL too long to be a question. `meta.position` counts characters from 1. */
  | 'question_malformed'
  /** SQL that can't be made private here. `meta.clause` names the part. */
  | 'question_refused'
  /** An amount of epsilon where losses are added up in rho, or the other way round, or none at all. */
  | 'accounting_differs'
  /** GROUP BY names a column whose values are not public, and no delta was offered. */
  | 'delta_missing'
  /** The dataset's budget doesn't hold what the question costs. Depends on public figures only. */
  | 'budget_exhausted'
  /** A raise that would lower a limit, or of a limit that there isn't. */
  | 'raise_refused'
  /** There is no such version to train on, or whoever asks can't see it. */
  | 'base_unknown'
  /** Its key would not be released: `meta.reasons` says why. */
  | 'base_not_approved'
  /** It is another version, or of other columns, than what is to be trained. */
  | 'base_differs'
  /** A step can't go through, or the document is not the next version of its name. */
  | 'pipeline_refused'
  | 'pipeline_step_failed'
  /** Nothing leads back from that column, or there is no such copy. */
  | 'reidentification_refused'
  /** Places of raw records are for the steward who declared the dataset. */
  | 'outliers_not_yours'
  /** Nothing but the privacy unit varies. */
  | 'outliers_impossible'
  /** A result that is for the eyes of whoever asked for it. */
  | 'result_not_yours'
  /** Sums and entries disagree: somebody wrote to the ledger's tables. */
  | 'ledger_inconsistent'
  /** The ledger came from a backup; what was spent since has not been said. */
  | 'ledger_restored'
  /** It did not, or has been reconciled since. */
  | 'ledger_not_restored'
  | 'model_unknown'
  | 'training_unknown'
  | 'synthesis_unknown'
  /** There is no synthetic table yet, or none any more to come. `meta.state` says which. */
  | 'synthesis_not_made'
  /** The reservation was settled by somebody else (recovery) before the engine started. */
  | 'reservation_lost'
  /** The engine never saw the data; nothing was charged. */
  | 'measurement_refused'
  /** The engine failed after it had started on the data; the question stays charged. */
  | 'measurement_failed'
  /** The answer is on its way; the same question again picks it up at no further cost. */
  | 'answer_pending';

export class PrivacyError extends CastellanError {
  declare readonly code: PrivacyErrorCode;

  constructor(code: PrivacyErrorCode, details: Omit<ErrorDetails, 'code'>) {
    super({ code, ...details });
  }
}
