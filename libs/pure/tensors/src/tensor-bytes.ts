import { ARRAY_OF, type Datatype, type FixedWidthDatatype } from './datatype.js';
import { TensorError } from './tensor-error.js';
import { checkShape, elementCount, tensor, type Tensor } from './tensor.js';

const LENGTH_PREFIX_BYTES = 4;

/**
 * A tensor's data as the binary tensor extension lays it out: little-endian, row-major, no padding; BOOL one byte;
 * each BYTES element preceded by its length in four bytes. The host must be little-endian, as all that Node runs on
 * here are. Shares memory with the tensor where it can.
 */
export function tensorBytes(given: Tensor): Uint8Array {
  if (given.datatype === 'BYTES') return lengthPrefixed(given.data);
  return new Uint8Array(given.data.buffer, given.data.byteOffset, given.data.byteLength);
}

/**
 * The inverse of {@link tensorBytes}. Copies, so that the tensor is aligned and outlives the message.
 * @throws TensorError `tensor_binary_truncated` when the bytes are more or fewer than the shape needs,
 *   `tensor_value_invalid` for a BOOL that is neither 0 nor 1
 */
export function tensorFromBytes(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
): Tensor {
  checkShape(name, shape);
  const plain = withoutBuffer(bytes);
  if (datatype === 'BYTES') {
    return tensor(name, datatype, shape, splitElements(name, elementCount(shape), plain));
  }
  return tensor(name, datatype, shape, aligned(name, datatype, elementCount(shape), plain));
}

/** The same memory, but never a Buffer: a Buffer's `slice` shares memory where a Uint8Array's copies. */
function withoutBuffer(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function lengthPrefixed(elements: readonly Uint8Array[]): Uint8Array {
  const total = elements.reduce((sum, element) => sum + LENGTH_PREFIX_BYTES + element.length, 0);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const element of elements) {
    view.setUint32(offset, element.length, true);
    bytes.set(element, offset + LENGTH_PREFIX_BYTES);
    offset += LENGTH_PREFIX_BYTES + element.length;
  }
  return bytes;
}

function splitElements(name: string, count: number, bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let offset = 0;
  while (elements.length < count) {
    if (offset + LENGTH_PREFIX_BYTES > bytes.length)
      throw truncated(name, offset + LENGTH_PREFIX_BYTES, bytes);
    const end = offset + LENGTH_PREFIX_BYTES + view.getUint32(offset, true);
    if (end > bytes.length) throw truncated(name, end, bytes);
    elements.push(bytes.slice(offset + LENGTH_PREFIX_BYTES, end));
    offset = end;
  }
  if (offset !== bytes.length) throw truncated(name, offset, bytes);
  return elements;
}

function aligned<D extends FixedWidthDatatype>(
  name: string,
  datatype: D,
  count: number,
  bytes: Uint8Array,
): InstanceType<(typeof ARRAY_OF)[D]> {
  const ArrayType = ARRAY_OF[datatype];
  const expected = count * ArrayType.BYTES_PER_ELEMENT;
  if (bytes.length !== expected) throw truncated(name, expected, bytes);
  const copy = bytes.slice();
  if (datatype === 'BOOL' && copy.some((value) => value > 1)) {
    throw new TensorError('tensor_value_invalid', `Tensor "${name}": a BOOL is neither 0 nor 1.`, {
      tensor: name,
    });
  }
  return new ArrayType(copy.buffer) as InstanceType<(typeof ARRAY_OF)[D]>;
}

function truncated(name: string, expected: number, bytes: Uint8Array): TensorError {
  return new TensorError(
    'tensor_binary_truncated',
    `Tensor "${name}": its shape takes ${expected} bytes, given ${bytes.length}.`,
    { tensor: name, expectedBytes: expected, givenBytes: bytes.length },
  );
}
