import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type RegistryErrorCode =
  | 'project_unknown'
  | 'model_unknown'
  | 'model_exists'
  | 'version_unknown'
  | 'version_not_uploading'
  | 'version_empty'
  | 'version_not_finalized'
  | 'file_path_invalid'
  | 'document_already_recorded'
  | 'document_out_of_organization'
  | 'approval_for_unknown_version'
  | 'author_may_not_review'
  | 'evidence_unavailable';

/** Everything the registry refuses on purpose. */
export class RegistryError extends CastellanError {
  declare readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, details: Omit<ErrorDetails, 'code'>) {
    super({ code, ...details });
  }
}
