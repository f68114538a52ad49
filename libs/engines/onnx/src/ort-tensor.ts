import { type Tensor as OrtTensor } from 'onnxruntime-node';
import { EngineError } from '@castellan/engine';
import { bytesAsText, tensor, tensorFromBytes, type Tensor } from '@castellan/tensors';
import { DATATYPE_OF } from './onnx-signature.js';

/** ONNX Runtime's strings are JavaScript's, so BYTES must be UTF-8. @throws TensorError, EngineError */
export async function toOrtTensor(given: Tensor): Promise<OrtTensor> {
  const { Tensor: Ort } = await import('onnxruntime-node');
  const { name, shape } = given;
  switch (given.datatype) {
    case 'BOOL':
      return new Ort('bool', given.data, shape);
    case 'UINT8':
      return new Ort('uint8', given.data, shape);
    case 'UINT16':
      return new Ort('uint16', given.data, shape);
    case 'UINT32':
      return new Ort('uint32', given.data, shape);
    case 'UINT64':
      return new Ort('uint64', given.data, shape);
    case 'INT8':
      return new Ort('int8', given.data, shape);
    case 'INT16':
      return new Ort('int16', given.data, shape);
    case 'INT32':
      return new Ort('int32', given.data, shape);
    case 'INT64':
      return new Ort('int64', given.data, shape);
    case 'FP16':
      // The package wraps the bits in a Float16Array where Node has one; its native part reads that as empty.
      return Object.defineProperty(new Ort('float16', given.data, shape), 'data', { value: given.data });
    case 'FP32':
      return new Ort('float32', given.data, shape);
    case 'FP64':
      return new Ort('float64', given.data, shape);
    case 'BYTES':
      return new Ort('string', bytesAsText(name, given.data), shape);
    case 'BF16':
      throw new EngineError('model_feature_unsupported', `Input "${name}": ONNX Runtime takes no BF16 here.`);
  }
}

/** The runtime's result, copied out of its memory. @throws EngineError `engine_failed` */
export function fromOrtTensor(name: string, { type, data, dims }: OrtTensor): Tensor {
  const datatype = DATATYPE_OF[type];
  if (datatype === undefined)
    throw new EngineError('engine_failed', `Output "${name}" came back as ${type}.`);
  if (Array.isArray(data)) {
    const encoder = new TextEncoder();
    return tensor(
      name,
      'BYTES',
      dims,
      data.map((text) => encoder.encode(text)),
    );
  }
  return tensorFromBytes(name, datatype, dims, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
