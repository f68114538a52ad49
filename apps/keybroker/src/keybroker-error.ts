import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type KeybrokerErrorCode =
  | 'officers_missing'
  | 'officers_malformed'
  | 'state_damaged'
  | 'enrollment_refused'
  | 'project_unknown'
  | 'version_unknown'
  | 'dataset_unknown'
  | 'task_unknown'
  | 'version_not_finalized'
  | 'policy_version_stale'
  | 'key_unusable'
  | 'key_unknown'
  | 'key_rolled_back'
  | 'kek_version_stale'
  | 'kek_in_use'
  | 'project_destroyed'
  | 'person_erased'
  | 'destruction_not_due'
  | 'destruction_target_unknown'
  | 'destruction_blocked'
  | 'release_refused'
  | 'request_rate_exceeded'
  | 'release_unproven'
  | 'lease_unknown'
  | 'organization_unknown'
  | 'project_has_keys'
  | 'root_export_not_ordered'
  | 'root_export_unknown'
  | 'root_organization_differs'
  | 'root_recipient_spent'
  | 'root_recipient_unknown';

/** What the keybroker refuses, beside the errors of the documents themselves (`TrustError`). */
export class KeybrokerError extends CastellanError {
  declare readonly code: KeybrokerErrorCode;

  constructor(details: ErrorDetails & { readonly code: KeybrokerErrorCode }) {
    super(details);
  }
}
