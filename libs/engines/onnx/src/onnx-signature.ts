import { type InferenceSession } from 'onnxruntime-node';
import { EngineError } from '@castellan/engine';
import { type Datatype, type Signature, type TensorSpec } from '@castellan/tensors';

/** ONNX Runtime's element types and the protocol's datatypes for them. */
export const DATATYPE_OF: Readonly<Record<string, Datatype>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
};

/**
 * The signature in the session's own order. Symbolic and unknown dimensions become -1.
 * @throws EngineError `model_feature_unsupported` for inputs and outputs that are no tensors, or of a type without a
 *   datatype
 */
export function onnxSignature(session: InferenceSession): Signature {
  return {
    inputs: session.inputMetadata.map((value) => spec('Input', value)),
    outputs: session.outputMetadata.map((value) => spec('Output', value)),
  };
}

function spec(role: string, value: InferenceSession.ValueMetadata): TensorSpec {
  if (!value.isTensor) {
    const hint = 'it is a sequence or a map; export the model with tensors only (scikit-learn: zipmap=False)';
    throw new EngineError('model_feature_unsupported', `${role} "${value.name}" is not a tensor: ${hint}.`);
  }
  const datatype = DATATYPE_OF[value.type];
  if (datatype === undefined) {
    throw new EngineError('model_feature_unsupported', `${role} "${value.name}" is of type ${value.type}.`);
  }
  const shape = value.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1));
  return { name: value.name, datatype, shape };
}
