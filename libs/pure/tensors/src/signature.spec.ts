import { describe, expect, it } from '@jest/globals';
import { tensorFromRawRequest } from './raw-request.js';
import { validateInputs, type Signature, type TensorSpec } from './signature.js';
import { tensor, type Tensor } from './tensor.js';

const signature: Signature = {
  inputs: [
    { name: 'rows', datatype: 'FP32', shape: [-1, 2] },
    { name: 'rate', datatype: 'INT64', shape: [] },
  ],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
};
const rows = tensor('rows', 'FP32', [3, 2], new Float32Array(6));
const rate = tensor('rate', 'INT64', [], new BigInt64Array([8n]));

describe('a signature', () => {
  it('puts the inputs in its own order and lets variable dimensions vary', () => {
    expect(validateInputs(signature, [rate, rows])).toEqual([rows, rate]);
  });

  it.each<[readonly Tensor[], string, RegExp]>([
    [[rows], 'tensor_input_missing', /Input "rate" is missing; the model wants INT64 of shape \[\]/],
    [[rows, rate, rate], 'tensor_input_repeated', /"rate" is given more than once/],
    [
      [rows, rate, { ...rate, name: 'x' }],
      'tensor_input_unknown',
      /no input "x"; the model wants "rows", "rate"/,
    ],
    [
      [tensor('rows', 'FP64', [3, 2], new Float64Array(6)), rate],
      'tensor_datatype_mismatch',
      /Input "rows": the model wants FP32, given FP64/,
    ],
    [
      [tensor('rows', 'FP32', [2, 3], new Float32Array(6)), rate],
      'tensor_shape_mismatch',
      /Input "rows": the model wants shape \[-1, 2\], given shape \[2, 3\]/,
    ],
    [
      [tensor('rows', 'FP32', [6], new Float32Array(6)), rate],
      'tensor_shape_mismatch',
      /wants shape \[-1, 2\], given shape \[6\]/,
    ],
  ])('says which input is wrong, and how: %#', (inputs, code, detail) => {
    expect(() => validateInputs(signature, inputs)).toThrow(
      expect.objectContaining({ code, publicDetail: expect.stringMatching(detail) }),
    );
  });
});

describe('a raw request', () => {
  const asking = (...inputs: TensorSpec[]): Signature => ({ inputs, outputs: [] });

  it('is the only input, with a batch of one and one variable dimension solved from its length', () => {
    const body = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
    const spec = asking({ name: 'x', datatype: 'FP32', shape: [-1, -1, 2] });
    expect(tensorFromRawRequest(spec, body)).toEqual(
      tensor('x', 'FP32', [1, 2, 2], new Float32Array([1, 2, 3, 4])),
    );
  });

  it('is one element where the input is BYTES', () => {
    const spec = asking({ name: 'x', datatype: 'BYTES', shape: [1] });
    expect(tensorFromRawRequest(spec, new Uint8Array([1, 2])).data).toEqual([new Uint8Array([1, 2])]);
  });

  it('is refused where it would be ambiguous or does not divide', () => {
    const x: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, -1, -1] };
    expect(() => tensorFromRawRequest(asking(x), new Uint8Array(4))).toThrow(/more than one variable/);
    expect(() => tensorFromRawRequest(asking(x, x), new Uint8Array(4))).toThrow(/2 inputs/);
    const fixed = asking({ ...x, shape: [1, 2] });
    expect(() => tensorFromRawRequest(fixed, new Uint8Array(9))).toThrow(/takes 8 bytes, given 9/);
  });
});
