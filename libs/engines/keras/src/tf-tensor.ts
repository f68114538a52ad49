import * as tf from '@tensorflow/tfjs';
import { EngineError } from '@castellan/engine';
import { tensor, type Datatype, type Tensor } from '@castellan/tensors';

/** Keras's types of an input, and the datatypes in which callers give it. */
const DATATYPE_OF: Readonly<Record<string, Datatype>> = {
  bool: 'BOOL',
  float32: 'FP32',
  float64: 'FP64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
};

/** @throws EngineError `model_feature_unsupported` for text and half-precision inputs */
export function inputDatatype(name: string, dtype: string): Datatype {
  const datatype = DATATYPE_OF[dtype];
  if (datatype === undefined) {
    throw new EngineError('model_feature_unsupported', `Input "${name}" is of type ${dtype}.`);
  }
  return datatype;
}

/** TensorFlow.js computes in 32 bits. */
export function outputDatatype(dtype: tf.DataType): Datatype {
  return dtype === 'int32' ? 'INT32' : dtype === 'bool' ? 'BOOL' : 'FP32';
}

/**
 * TensorFlow.js has 32-bit floats and integers. 64-bit floats are rounded, as Keras itself casts them to its own 32;
 * integers that do not fit are refused.
 * @throws EngineError `engine_failed`
 */
export function toTfTensor(given: Tensor): tf.Tensor {
  const shape = [...given.shape];
  switch (given.datatype) {
    case 'FP32':
      return tf.tensor(given.data, shape, 'float32');
    case 'FP64':
      return tf.tensor(Float32Array.from(given.data), shape, 'float32');
    case 'INT32':
      return tf.tensor(given.data, shape, 'int32');
    case 'BOOL':
    case 'INT8':
    case 'INT16':
    case 'UINT8':
    case 'UINT16':
      return tf.tensor(Int32Array.from(given.data), shape, 'int32');
    case 'UINT32':
    case 'INT64':
      return tf.tensor(narrowed(given.name, given.data), shape, 'int32');
    default:
      throw new EngineError(
        'engine_failed',
        `Input "${given.name}": ${given.datatype} is not computed here.`,
      );
  }
}

export async function fromTfTensor(name: string, given: tf.Tensor | undefined): Promise<Tensor> {
  if (given === undefined) throw new EngineError('engine_failed', `The model gave no output "${name}".`);
  const data = await given.data();
  if (data instanceof Int32Array) return tensor(name, 'INT32', given.shape, data.slice());
  if (data instanceof Uint8Array) return tensor(name, 'BOOL', given.shape, data.slice());
  return tensor(name, 'FP32', given.shape, Float32Array.from(data));
}

function narrowed(name: string, values: Uint32Array | BigInt64Array): Int32Array {
  return Int32Array.from<number | bigint>(values, (value) => {
    const number = Number(value);
    if (number === (number | 0)) return number;
    throw new EngineError('engine_failed', `Input "${name}": ${value} does not fit in 32 bits.`);
  });
}
