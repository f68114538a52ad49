/** One thing that a scan saw. Shaped as the contract's Finding. */
export interface Finding {
  readonly code: FindingCode;
  /** `critical` and `warning` keep a version from being clean; `info` does not. */
  readonly severity: 'info' | 'warning' | 'critical';
  /** Path in the version; a file inside an archive follows its archive after `!/`. */
  readonly path: string;
  readonly detail: string;
}

export type FindingCode =
  | 'nothing_to_scan'
  | 'no_model_found'
  | 'file_empty'
  | 'file_unreadable'
  | 'format_unknown'
  | 'keras_lambda'
  | 'keras_foreign_object'
  | 'pickle_code'
  | 'pickle_data'
  | 'pickle_broken'
  | 'hdf5_external_link'
  | 'hdf5_oversized_dataset'
  | 'onnx_external_path_escapes'
  | 'onnx_external_data_missing'
  | 'onnx_external_data_short'
  | 'onnx_custom_operator'
  | 'tensorflow_file_operator'
  | 'chat_template'
  | 'chat_template_code'
  | 'remote_code'
  | 'archive_path_escapes'
  | 'archive_too_large'
  | 'archive_too_deep';

/** Codes that mean: what is in there was not seen. */
export const UNREADABLE: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'nothing_to_scan',
  'no_model_found',
  'file_empty',
  'file_unreadable',
  'format_unknown',
  'pickle_broken',
  'archive_too_large',
  'archive_too_deep',
]);
