import { CastellanError, type ErrorKind } from '@castellan/errors';

export type TensorErrorCode =
  /** The JSON around the tensors is not what the protocol describes. */
  | 'tensor_message_malformed'
  | 'tensor_datatype_unknown'
  /** Declared shape and given data, or the signature's shape and the declared one, do not agree. */
  | 'tensor_shape_mismatch'
  | 'tensor_datatype_mismatch'
  /** An element is not of the datatype, or out of its range. */
  | 'tensor_value_invalid'
  /** The datatype, or this very value, has no exact JSON form. */
  | 'tensor_not_json'
  | 'tensor_binary_truncated'
  | 'tensor_input_missing'
  | 'tensor_input_unknown'
  | 'tensor_input_repeated';

/** A tensor, or a message of tensors, that can't be what it claims. `publicDetail` names the tensor and both sides. */
export class TensorError extends CastellanError {
  declare readonly code: TensorErrorCode;

  constructor(
    code: TensorErrorCode,
    publicDetail: string,
    meta?: Readonly<Record<string, unknown>>,
    kind: ErrorKind = 'invalid',
  ) {
    super({ code, kind, publicDetail, ...(meta === undefined ? {} : { meta }) });
  }
}
