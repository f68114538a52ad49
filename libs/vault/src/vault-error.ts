import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type VaultErrorCode =
  /** The source is longer than the caller allowed. Nothing of it was kept. */
  | 'file_too_large'
  /** A file opened, but isn't the one that its digest names: an older one under the same path and key, for example. */
  | 'file_differs'
  /** A digest can't be gone on with: its state was saved by another release. */
  | 'digest_state_unreadable'
  /** A release names no manifest, or lacks the place or the key of a file that the manifest names. */
  | 'release_inconsistent'
  /** Sealed bytes from another platform are not those that were named. */
  | 'transfer_differs'
  | 'project_unknown'
  | 'destruction_unknown'
  | 'project_name_taken'
  | 'root_package_malformed'
  | 'root_package_untrusted'
  | 'root_package_unopened'
  | 'rotation_running'
  | 'rotation_not_running'
  | 'rotation_not_stopped';

export class VaultError extends CastellanError {
  declare readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode, details: Omit<ErrorDetails, 'code'>) {
    super({ code, ...details });
  }
}
