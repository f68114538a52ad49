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
  /** Creating: the length or the path is missing, or not one. */
  | 'upload_invalid'
  | 'upload_unknown'
  /** The append doesn't begin where the upload ends; `meta.offset` says where that is. */
  | 'upload_offset_conflict'
  /** Somebody else went on with the same upload. */
  | 'upload_overtaken'
  | 'upload_too_long'
  /** Less than a block came, and the file isn't at its end. */
  | 'upload_piece_too_small'
  /** Finalising while files are still coming in. */
  | 'upload_unfinished'
  | 'tus_version_unsupported'
  /** S3: what of the protocol is not spoken here. */
  | 's3_not_offered'
  | 'object_key_invalid'
  | 'object_unknown'
  | 'object_length_missing'
  /** Not framed as it says, or cut short. */
  | 'object_malformed'
  | 'object_incomplete'
  /** What arrived is not what the request vouched for: a checksum, the signed SHA-256, a chunk's signature. */
  | 'object_differs'
  | 'object_signature_mismatch'
  | 'parted_upload_unknown'
  | 'parted_upload_busy'
  | 'part_invalid'
  | 'part_order_invalid'
  | 'part_number_invalid'
  | 'part_list_malformed'
  /** A blob was cleared away before it was recorded. */
  | 'blob_swept'
  /** A version that arrives is here already, or another has its number. */
  | 'version_exists'
  | 'transfer_inconsistent'
  /** Not all sealed blobs have arrived. */
  | 'transfer_incomplete'
  /** The project's keys have not come, or it is another project. */
  | 'transfer_of_other_project'
  | 'quota_exceeded'
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
