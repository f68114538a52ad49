import { type Datatype, type TensorData } from './datatype.js';
import { TensorError } from './tensor-error.js';

/** One named, typed, row-major array. An empty shape is a scalar: one element. */
export type Tensor = {
  [D in Datatype]: {
    readonly name: string;
    readonly datatype: D;
    readonly shape: readonly number[];
    readonly data: TensorData[D];
  };
}[Datatype];

/** The tensor of one datatype. */
export type TensorOf<D extends Datatype> = Extract<Tensor, { datatype: D }>;

/** More dimensions than any engine takes; also what bounds the recursion over nested JSON data. */
export const MAX_RANK = 64;

/** How many elements a shape without variable dimensions holds. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/**
 * A tensor whose data fits its shape.
 * @throws TensorError `tensor_shape_mismatch`
 */
export function tensor<D extends Datatype>(
  name: string,
  datatype: D,
  shape: readonly number[],
  data: TensorData[D],
): TensorOf<D> {
  checkShape(name, shape);
  if (data.length !== elementCount(shape)) throw wrongLength(name, shape, data.length);
  // The compiler can't see that D selects one member of the union; the parameters have just said so.
  return { name, datatype, shape, data } as unknown as TensorOf<D>;
}

/**
 * @throws TensorError `tensor_shape_mismatch` unless there are at most {@link MAX_RANK} dimensions, each a whole
 *   number of 0 or more, whose product is a safe integer
 */
export function checkShape(name: string, shape: readonly number[]): void {
  const whole = shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0);
  if (whole && shape.length <= MAX_RANK && Number.isSafeInteger(elementCount(shape))) return;
  throw new TensorError(
    'tensor_shape_mismatch',
    `Tensor "${name}": ${formatShape(shape.slice(0, MAX_RANK))} is not a shape; at most ${MAX_RANK} dimensions, ` +
      'each a whole number of 0 or more.',
    { tensor: name },
  );
}

export function wrongLength(name: string, shape: readonly number[], length: number): TensorError {
  return new TensorError(
    'tensor_shape_mismatch',
    `Tensor "${name}": shape ${formatShape(shape)} holds ${elementCount(shape)} elements, the data has ${length}.`,
    { tensor: name, shape, expectedElements: elementCount(shape), givenElements: length },
  );
}

export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The elements of a BYTES tensor as text. @throws TensorError `tensor_not_json` for octets that are not UTF-8. */
export function bytesAsText(name: string, data: readonly Uint8Array[]): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return data.map((element, index) => {
    try {
      return decoder.decode(element);
    } catch {
      throw new TensorError(
        'tensor_not_json',
        `Tensor "${name}": element ${index} is not UTF-8 text; ask for the binary form.`,
        { tensor: name, index },
      );
    }
  });
}
