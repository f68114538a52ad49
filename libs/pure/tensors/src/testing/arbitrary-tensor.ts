import fc from 'fast-check';
import { ARRAY_OF, DATATYPES, type Datatype } from '../datatype.js';
import { tensor, elementCount, type Tensor } from '../tensor.js';
import { tensorFromBytes } from '../tensor-bytes.js';

/** Any tensor of rank 0 to 3, for property tests: every bit pattern of every datatype, empty dimensions included. */
export function arbitraryTensor(datatypes: readonly Datatype[] = DATATYPES): fc.Arbitrary<Tensor> {
  const shape = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });
  return fc
    .tuple(fc.string({ minLength: 1, maxLength: 12 }), fc.constantFrom(...datatypes), shape)
    .chain(([name, datatype, dimensions]) => ofShape(name, datatype, dimensions));
}

function ofShape(name: string, datatype: Datatype, shape: readonly number[]): fc.Arbitrary<Tensor> {
  const count = elementCount(shape);
  if (datatype === 'BYTES') {
    return fc
      .array(fc.uint8Array({ maxLength: 6 }), { minLength: count, maxLength: count })
      .map((data) => tensor(name, datatype, shape, data));
  }
  const length = count * ARRAY_OF[datatype].BYTES_PER_ELEMENT;
  const max = datatype === 'BOOL' ? 1 : 255;
  return fc
    .uint8Array({ minLength: length, maxLength: length, max })
    .map((bytes) => tensorFromBytes(name, datatype, shape, bytes));
}
