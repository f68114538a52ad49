import {
  elementCount,
  TensorError,
  tensorFromJson,
  type Signature,
  type Tensor,
  type TensorSpec,
} from '@castellan/tensors';
import { ServingError } from '../serving-error.js';

export interface PlainInput {
  readonly tensors: readonly Tensor[];
  /** One row was given without its batch dimension, so one row is the answer. */
  readonly singleRow: boolean;
}

/**
 * Reads the input of the one-call API: rows, one row, or `{name: rows or row}`. A row of a model that wants, say, images
 * may be nested or flat. The shape is read off the nesting of the first elements, and every element is held to it.
 *
 * @throws ServingError `input_malformed` when there is no input, or the model has several and they are not named
 * @throws TensorError when values don't make a tensor. Missing inputs and wrong shapes are left to `validateInputs`.
 */
export function readPlainInput(signature: Signature, input: unknown): PlainInput {
  const arrangements = namedValues(signature, input).map(([name, value]) => {
    const spec = signature.inputs.find((candidate) => candidate.name === name);
    if (spec === undefined) throw unknownInput(signature, name);
    return { spec, ...arrange(spec, value) };
  });
  return {
    tensors: arrangements.map(({ spec: { name, datatype }, shape, data }) =>
      tensorFromJson({ name, datatype, shape, data }),
    ),
    singleRow: arrangements.length > 0 && arrangements.every(({ singleRow }) => singleRow),
  };
}

function namedValues(signature: Signature, input: unknown): (readonly [string, unknown])[] {
  if (input === undefined || input === null) throw malformed(signature, 'There is no "input".');
  if (typeof input === 'object' && !Array.isArray(input)) return Object.entries(input);
  const [only, ...others] = signature.inputs;
  if (only === undefined || others.length > 0) {
    throw malformed(signature, `The model has ${signature.inputs.length} inputs, so "input" must name them.`);
  }
  return [[only.name, input]];
}

interface Arrangement {
  readonly shape: readonly number[];
  readonly data: unknown;
  readonly singleRow: boolean;
}

/** Finds the shape that was meant. What fits nothing keeps the shape it has, for validation to refuse. */
function arrange(spec: TensorSpec, value: unknown): Arrangement {
  const nesting = nestingOf(value);
  const asGiven = { shape: nesting, data: value, singleRow: false };
  const [batch, ...row] = spec.shape;
  if (nesting.length === spec.shape.length || batch !== -1) return asGiven;
  if (nesting.length === row.length) return { shape: [1, ...nesting], data: [value], singleRow: true };
  if (row.includes(-1) || !Array.isArray(value)) return asGiven;
  const rowSize = elementCount(row);
  if (nesting.length === 1 && value.length === rowSize) {
    return { shape: [1, ...row], data: value, singleRow: true };
  }
  if (nesting.length === 2 && value.every((flat) => Array.isArray(flat) && flat.length === rowSize)) {
    return { shape: [value.length, ...row], data: value.flat(), singleRow: false };
  }
  return asGiven;
}

/** The lengths on the way down through first elements: `[[1, 2, 3]]` gives [1, 3], a number gives []. */
function nestingOf(value: unknown): number[] {
  const lengths: number[] = [];
  for (let level = value; Array.isArray(level) && lengths.length < 64; level = level[0]) {
    lengths.push(level.length);
  }
  return lengths;
}

function malformed(signature: Signature, fault: string): ServingError {
  const wanted = signature.inputs.map(
    ({ name, datatype, shape }) => `"${name}" (${datatype} of shape [${shape.join(', ')}])`,
  );
  return new ServingError('input_malformed', {
    kind: 'invalid',
    publicDetail: `${fault} The model wants ${wanted.join(', ')}.`,
    meta: { inputs: signature.inputs },
  });
}

function unknownInput(signature: Signature, name: string): TensorError {
  const wanted = signature.inputs.map((spec) => `"${spec.name}"`).join(', ');
  return new TensorError('tensor_input_unknown', `There is no input "${name}"; the model wants ${wanted}.`, {
    tensor: name,
  });
}
