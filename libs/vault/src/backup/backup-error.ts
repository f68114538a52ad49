import { CastellanError, type ErrorKind } from '@castellan/errors';

export type BackupErrorCode =
  /** There is no backup there, or one that was cut short: `backup.json` comes last. */
  | 'backup_missing'
  /** Written in a form that this release does not read, or over a database of a newer release. */
  | 'backup_version'
  /** A file of the backup is missing, cut, changed, or another backup's. */
  | 'backup_damaged'
  /** The folder holds a whole backup already. */
  | 'backup_exists'
  /** Sealed by another key store than the one at hand. */
  | 'backup_key_store';

const KINDS: Record<BackupErrorCode, ErrorKind> = {
  backup_missing: 'not_found',
  backup_version: 'conflict',
  backup_damaged: 'invalid',
  backup_exists: 'conflict',
  backup_key_store: 'unauthenticated',
};

export class BackupError extends CastellanError {
  declare readonly code: BackupErrorCode;

  constructor(code: BackupErrorCode, publicDetail: string, cause?: unknown) {
    super({ code, kind: KINDS[code], publicDetail, cause });
  }
}
