import { tensorFromBytes } from './tensor-bytes.js';
import { elementSizeBytes } from './datatype.js';
import { TensorError } from './tensor-error.js';
import { elementCount, formatShape, type Tensor } from './tensor.js';
import { type Signature } from './signature.js';

/**
 * The tensor of a raw binary request (`Inference-Header-Content-Length: 0`): the body is the data of the model's only
 * input. At most one dimension may vary, and a batch dimension (the first) counts as 1; BYTES is one element.
 * @throws TensorError `tensor_message_malformed` when the model does not allow the raw form, `tensor_binary_truncated`
 */
export function tensorFromRawRequest(signature: Signature, body: Uint8Array): Tensor {
  const [input, ...others] = signature.inputs;
  if (input === undefined || others.length > 0) {
    throw notRaw(`it has ${signature.inputs.length} inputs`);
  }
  const [batch, ...rest] = input.shape;
  const shape = batch === -1 ? [1, ...rest] : input.shape;
  const width = elementSizeBytes(input.datatype);
  if (width === undefined) return tensorFromBytes(input.name, 'BYTES', [1], lengthPrefix(body));
  return tensorFromBytes(input.name, input.datatype, solve(shape, body.length / width), body);
}

function solve(shape: readonly number[], elements: number): number[] {
  const variable = shape.filter((dimension) => dimension === -1).length;
  if (variable > 1) throw notRaw(`shape ${formatShape(shape)} has more than one variable dimension`);
  const known = elementCount(shape.filter((dimension) => dimension !== -1));
  return shape.map((dimension) => (dimension === -1 ? Math.floor(elements / known) : dimension));
}

function lengthPrefix(element: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(4 + element.length);
  new DataView(prefixed.buffer).setUint32(0, element.length, true);
  prefixed.set(element, 4);
  return prefixed;
}

function notRaw(detail: string): TensorError {
  return new TensorError(
    'tensor_message_malformed',
    `The model can't be asked with a raw binary body: ${detail}.`,
  );
}
