import { ARRAY_OF, isDatatype, type Datatype, type FixedWidthDatatype } from './datatype.js';
import { TensorError } from './tensor-error.js';
import {
  bytesAsText,
  checkShape,
  elementCount,
  formatShape,
  tensor,
  wrongLength,
  type Tensor,
} from './tensor.js';

/** A tensor as it stands in an Open Inference Protocol v2 JSON body. */
export interface TensorJson {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Nested as the shape says, or flat. */
  readonly data: unknown;
}

/** A tensor's JSON form; `data` is flat. */
export interface FlatTensorJson extends TensorJson {
  readonly datatype: Datatype;
  readonly data: readonly (number | boolean | string)[];
}

const INTEGER_RANGE: Partial<Record<Datatype, readonly [number, number]>> = {
  UINT8: [0, 0xff],
  UINT16: [0, 0xffff],
  UINT32: [0, 0xffff_ffff],
  INT8: [-0x80, 0x7f],
  INT16: [-0x8000, 0x7fff],
  INT32: [-0x8000_0000, 0x7fff_ffff],
  // JSON numbers are exact only this far; larger 64-bit values take the binary form, or a bigint from the caller.
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
};

const BIGINT_RANGE: Partial<Record<Datatype, readonly [bigint, bigint]>> = {
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
};

/**
 * Reads nested or flat JSON data.
 * @throws TensorError `tensor_datatype_unknown`, `tensor_not_json` (FP16 and BF16 have no JSON form),
 *   `tensor_shape_mismatch`, `tensor_value_invalid`
 */
export function tensorFromJson(json: TensorJson): Tensor {
  const { name, datatype, shape } = json;
  if (!isDatatype(datatype)) throw unknownDatatype(name, datatype);
  checkShape(name, shape);
  if (datatype === 'FP16' || datatype === 'BF16') throw withoutJsonForm(name, datatype);
  const values = flatten(name, shape, json.data);
  if (datatype === 'BYTES') return tensor(name, datatype, shape, values.map(textElement(name)));
  return tensor(name, datatype, shape, numbers(name, datatype, values));
}

/**
 * The flat JSON form, exact: reading it back gives the same tensor.
 * @throws TensorError `tensor_not_json` for FP16, BF16, NaN, infinities, integers past 2^53 and octets that are not text
 */
export function tensorToJson(given: Tensor): FlatTensorJson {
  const { name, datatype, shape } = given;
  return { name, datatype, shape, data: jsonValues(given) };
}

/** Nests flat values as the shape says; a scalar's is the value itself. */
export function nest<T>(values: readonly T[], shape: readonly number[]): unknown {
  const [first, ...rest] = shape;
  if (first === undefined) return values[0];
  const stride = elementCount(rest);
  return Array.from({ length: first }, (_, row) =>
    nest(values.slice(row * stride, (row + 1) * stride), rest),
  );
}

export function unknownDatatype(name: string, datatype: string): TensorError {
  return new TensorError('tensor_datatype_unknown', `Tensor "${name}": there is no datatype "${datatype}".`, {
    tensor: name,
    datatype,
  });
}

function withoutJsonForm(name: string, datatype: Datatype): TensorError {
  return new TensorError(
    'tensor_not_json',
    `Tensor "${name}": ${datatype} has no JSON form; use the binary form.`,
    { tensor: name, datatype },
  );
}

function flatten(name: string, shape: readonly number[], data: unknown): readonly unknown[] {
  if (!Array.isArray(data)) {
    if (shape.length === 0) return [data];
    throw new TensorError(
      'tensor_value_invalid',
      `Tensor "${name}": the data is ${kindOf(data)}, not an array.`,
      {
        tensor: name,
      },
    );
  }
  if (!data.some((element) => Array.isArray(element))) {
    if (data.length !== elementCount(shape)) throw wrongLength(name, shape, data.length);
    return data;
  }
  const values: unknown[] = [];
  unnest(name, shape, data, [], values);
  return values;
}

function unnest(name: string, shape: readonly number[], data: unknown, at: number[], into: unknown[]): void {
  const expected = shape[at.length];
  if (expected === undefined) {
    if (Array.isArray(data)) throw unevenNesting(name, shape, at, 'a value', `${data.length} elements`);
    into.push(data);
    return;
  }
  if (!Array.isArray(data)) throw unevenNesting(name, shape, at, `${expected} elements`, kindOf(data));
  if (data.length !== expected) {
    throw unevenNesting(name, shape, at, `${expected} elements`, `${data.length} elements`);
  }
  data.forEach((element, index) => {
    at.push(index);
    unnest(name, shape, element, at, into);
    at.pop();
  });
}

function unevenNesting(
  name: string,
  shape: readonly number[],
  at: readonly number[],
  expected: string,
  given: string,
): TensorError {
  const place = at.length === 0 ? 'the data' : `data${at.map((index) => `[${index}]`).join('')}`;
  return new TensorError(
    'tensor_shape_mismatch',
    `Tensor "${name}": shape ${formatShape(shape)} wants ${expected} at ${place}, given ${given}.`,
    { tensor: name, shape, at: [...at] },
  );
}

function textElement(name: string): (value: unknown, index: number) => Uint8Array {
  const encoder = new TextEncoder();
  return (value, index) => {
    if (typeof value !== 'string') throw badValue(name, 'BYTES', value, index);
    return encoder.encode(value);
  };
}

/** One typed array of the datatype's own kind, every value checked before it is stored. */
function numbers<D extends Exclude<FixedWidthDatatype, 'FP16' | 'BF16'>>(
  name: string,
  datatype: D,
  values: readonly unknown[],
): InstanceType<(typeof ARRAY_OF)[D]> {
  const array = new ARRAY_OF[datatype](values.length);
  values.forEach((value, index) => {
    const element = numericElement(name, datatype, value, index);
    if (array instanceof BigInt64Array || array instanceof BigUint64Array) array[index] = BigInt(element);
    else array[index] = Number(element);
  });
  return array as InstanceType<(typeof ARRAY_OF)[D]>;
}

function numericElement(name: string, datatype: Datatype, value: unknown, index: number): number | bigint {
  if (datatype === 'BOOL') {
    if (value === true || value === 1) return 1;
    if (value === false || value === 0) return 0;
    throw badValue(name, datatype, value, index);
  }
  if (typeof value === 'bigint') {
    const range = BIGINT_RANGE[datatype];
    if (range !== undefined && value >= range[0] && value <= range[1]) return value;
    throw badValue(name, datatype, value, index);
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) throw badValue(name, datatype, value, index);
  // A single that is too large would silently become infinite.
  if (datatype === 'FP32' && !Number.isFinite(Math.fround(value)))
    throw badValue(name, datatype, value, index);
  const range = INTEGER_RANGE[datatype];
  if (range === undefined) return value;
  if (Number.isInteger(value) && value >= range[0] && value <= range[1]) return value;
  throw badValue(name, datatype, value, index);
}

function badValue(name: string, datatype: Datatype, value: unknown, index: number): TensorError {
  return new TensorError(
    'tensor_value_invalid',
    `Tensor "${name}": element ${index} is ${kindOf(value)}, not a value of ${datatype}.`,
    { tensor: name, datatype, index },
  );
}

/** Names a value without repeating the whole of what a client sent. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    value === null
  ) {
    return String(value);
  }
  return Array.isArray(value) ? 'an array' : typeof value === 'string' ? 'a string' : `an ${typeof value}`;
}

function jsonValues(given: Tensor): readonly (number | boolean | string)[] {
  switch (given.datatype) {
    case 'FP16':
    case 'BF16':
      throw withoutJsonForm(given.name, given.datatype);
    case 'BOOL':
      return Array.from(given.data, (value) => value !== 0);
    case 'BYTES':
      return bytesAsText(given.name, given.data);
    default:
      return Array.from<number | bigint, number>(given.data, (value, index) =>
        exactNumber(given.name, value, index),
      );
  }
}

function exactNumber(name: string, value: number | bigint, index: number): number {
  const number = Number(value);
  const exact = typeof value === 'number' ? Number.isFinite(value) : Number.isSafeInteger(number);
  if (exact) return number;
  throw new TensorError(
    'tensor_not_json',
    `Tensor "${name}": element ${index} is ${value}, which JSON can't carry exactly; ask for the binary form.`,
    { tensor: name, index },
  );
}
