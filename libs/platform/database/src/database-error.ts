import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type DatabaseErrorCode =
  /** The server can't be reached, dropped the connection, or has none left. The work may or may not have happened. */
  | 'database_unavailable'
  /** The server has no space left on its disk; nothing of the transaction happened. */
  | 'database_full'
  /** Two transactions wanted the same rows in incompatible order; none of this one happened. */
  | 'database_conflict'
  /** An applied migration's text differs from the file, or history has one that the files lack. */
  | 'migration_history_differs'
  /** A migration failed earlier and was left for a person to look at. */
  | 'migration_failed'
  /** There is a database, and none of our tables in it. */
  | 'database_foreign'
  /** What is to be filled from a backup holds something already. */
  | 'database_not_empty'
  /** Another process is using the data folder. */
  | 'database_folder_in_use'
  /** PostgreSQL refuses to run as root, and the account to run it as can't reach the folder or the programs. */
  | 'database_folder_unreachable'
  /** The folder was made by another major version of PostgreSQL. */
  | 'database_folder_version'
  | 'database_start_failed';

export class DatabaseError extends CastellanError {
  declare readonly code: DatabaseErrorCode;

  constructor(details: ErrorDetails & { readonly code: DatabaseErrorCode }) {
    super(details);
  }
}
