import { type Datatype } from './datatype.js';
import { TensorError } from './tensor-error.js';
import { formatShape, type Tensor } from './tensor.js';

/** What a model asks for, or gives, under one name. A dimension of -1 may be any size. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** A model's inputs and outputs, in the model's own order. */
export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * The tensors in the order of the signature's inputs.
 * @throws TensorError `tensor_input_missing`, `tensor_input_unknown`, `tensor_input_repeated`,
 *   `tensor_datatype_mismatch`, `tensor_shape_mismatch`; each names the input, what is expected and what was given
 */
export function validateInputs(signature: Signature, tensors: readonly Tensor[]): readonly Tensor[] {
  const given = new Map<string, Tensor>();
  for (const tensor of tensors) {
    if (given.has(tensor.name)) throw repeated(tensor.name);
    given.set(tensor.name, tensor);
  }
  for (const name of given.keys()) {
    if (!signature.inputs.some((spec) => spec.name === name)) throw unknown(name, signature.inputs);
  }
  return signature.inputs.map((spec) => fitting(spec, given.get(spec.name)));
}

/** Whether a shape, every dimension known, is one that the specification allows. */
export function shapeFits(spec: TensorSpec, shape: readonly number[]): boolean {
  if (shape.length !== spec.shape.length) return false;
  return spec.shape.every((expected, index) => expected === -1 || expected === shape[index]);
}

function fitting(spec: TensorSpec, tensor: Tensor | undefined): Tensor {
  if (tensor === undefined) {
    throw new TensorError(
      'tensor_input_missing',
      `Input "${spec.name}" is missing; the model wants ${describe(spec)}.`,
      { tensor: spec.name },
    );
  }
  if (tensor.datatype !== spec.datatype) {
    throw mismatch('tensor_datatype_mismatch', spec, tensor, spec.datatype, tensor.datatype);
  }
  if (!shapeFits(spec, tensor.shape)) {
    const [expected, given] = [formatShape(spec.shape), formatShape(tensor.shape)];
    throw mismatch('tensor_shape_mismatch', spec, tensor, `shape ${expected}`, `shape ${given}`);
  }
  return tensor;
}

function mismatch(
  code: 'tensor_datatype_mismatch' | 'tensor_shape_mismatch',
  spec: TensorSpec,
  tensor: Tensor,
  expected: string,
  given: string,
): TensorError {
  return new TensorError(code, `Input "${spec.name}": the model wants ${expected}, given ${given}.`, {
    tensor: spec.name,
    expected: { datatype: spec.datatype, shape: spec.shape },
    given: { datatype: tensor.datatype, shape: tensor.shape },
  });
}

function repeated(name: string): TensorError {
  return new TensorError('tensor_input_repeated', `Input "${name}" is given more than once.`, {
    tensor: name,
  });
}

function unknown(name: string, specs: readonly TensorSpec[]): TensorError {
  const wanted = specs.map((spec) => `"${spec.name}"`).join(', ');
  return new TensorError('tensor_input_unknown', `There is no input "${name}"; the model wants ${wanted}.`, {
    tensor: name,
  });
}

function describe(spec: TensorSpec): string {
  return `${spec.datatype} of shape ${formatShape(spec.shape)}`;
}
