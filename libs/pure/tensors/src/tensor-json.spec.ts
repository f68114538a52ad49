import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryTensor } from './testing/arbitrary-tensor.js';
import { TensorError } from './tensor-error.js';
import { nest, tensorFromJson, tensorToJson, type TensorJson } from './tensor-json.js';
import { tensor } from './tensor.js';

function refusal(json: TensorJson): { code: string; detail: string } {
  try {
    tensorFromJson(json);
  } catch (error) {
    if (error instanceof TensorError) return { code: error.code, detail: error.publicDetail };
  }
  throw new Error('the tensor was accepted');
}

const of = (datatype: string, shape: number[], data: unknown): TensorJson => ({
  name: 'pixels',
  datatype,
  shape,
  data,
});

describe('a tensor in JSON', () => {
  it('reads nested and flat data alike', () => {
    const flat = tensorFromJson(of('FP32', [2, 3], [1, 2, 3, 4, 5, 6.5]));
    const nested = tensorFromJson(
      of(
        'FP32',
        [2, 3],
        [
          [1, 2, 3],
          [4, 5, 6.5],
        ],
      ),
    );
    expect(nested).toEqual(flat);
    expect(flat.data).toEqual(new Float32Array([1, 2, 3, 4, 5, 6.5]));
  });

  it('reads a scalar with or without brackets', () => {
    expect(tensorFromJson(of('INT64', [], 16000)).data).toEqual(new BigInt64Array([16000n]));
    expect(tensorFromJson(of('INT64', [], [16000])).data).toEqual(new BigInt64Array([16000n]));
  });

  it('reads text as UTF-8 and truth as one byte', () => {
    expect(tensorFromJson(of('BYTES', [1], ['é'])).data).toEqual([new Uint8Array([0xc3, 0xa9])]);
    expect(tensorFromJson(of('BOOL', [4], [true, false, 1, 0])).data).toEqual(new Uint8Array([1, 0, 1, 0]));
  });

  it('gives back exactly what it was given', () => {
    const exact = ['BOOL', 'UINT8', 'UINT16', 'UINT32', 'INT8', 'INT16', 'INT32'] as const;
    fc.assert(
      fc.property(arbitraryTensor(exact), (given) => {
        const text: unknown = JSON.parse(JSON.stringify(tensorToJson(given)));
        expect(tensorFromJson(text as TensorJson)).toEqual(given);
      }),
    );
  });

  it('gives back the same through nesting', () => {
    fc.assert(
      fc.property(arbitraryTensor(['INT32']), (given) => {
        const { data, ...rest } = tensorToJson(given);
        expect(tensorFromJson({ ...rest, data: nest(data, given.shape) })).toEqual(given);
      }),
    );
  });

  it('gives back finite floats bit for bit', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true }), (values) => {
        const given = tensor(
          'x',
          'FP32',
          [values.length],
          values.map((value) => value + 0),
        );
        expect(tensorFromJson(tensorToJson(given))).toEqual(given);
      }),
    );
  });

  it.each([
    [
      of('FP32', [1, 64], [1, 2, 3]),
      'tensor_shape_mismatch',
      /shape \[1, 64\] holds 64 elements, the data has 3/,
    ],
    [
      of('FP32', [2, 2], [[1, 2], [3]]),
      'tensor_shape_mismatch',
      /wants 2 elements at data\[1\], given 1 elements/,
    ],
    [of('FP32', [2, 2], [[1, 2]]), 'tensor_shape_mismatch', /wants 2 elements at the data, given 1/],
    [of('FP32', [2, 1], [[1], 2]), 'tensor_shape_mismatch', /wants 1 elements at data\[1\], given 2/],
    [
      of('FP32', [1, 1], [[[1]]]),
      'tensor_shape_mismatch',
      /wants a value at data\[0\]\[0\], given 1 elements/,
    ],
    [of('FP32', [-1], [1]), 'tensor_shape_mismatch', /\[-1\] is not a shape/],
    [of('FP32', Array(65).fill(1), [1]), 'tensor_shape_mismatch', /at most 64 dimensions/],
    [of('FP32', [2], 'text'), 'tensor_value_invalid', /the data is a string, not an array/],
    [of('FP32', [2], undefined), 'tensor_value_invalid', /the data is missing/],
    [of('FP32', [2], [1, null]), 'tensor_value_invalid', /element 1 is null, not a value of FP32/],
    [of('FP32', [1], ['1']), 'tensor_value_invalid', /element 0 is a string/],
    [of('FP32', [1], [1e39]), 'tensor_value_invalid', /element 0 is 1e\+39, not a value of FP32/],
    [of('UINT8', [1], [256]), 'tensor_value_invalid', /element 0 is 256, not a value of UINT8/],
    [of('INT8', [1], [1.5]), 'tensor_value_invalid', /element 0 is 1.5, not a value of INT8/],
    [of('INT64', [1], [2 ** 53]), 'tensor_value_invalid', /element 0 is 9007199254740992/],
    [of('UINT64', [1], [-1n]), 'tensor_value_invalid', /element 0 is -1/],
    [of('BOOL', [1], [2]), 'tensor_value_invalid', /element 0 is 2, not a value of BOOL/],
    [of('BYTES', [1], [7]), 'tensor_value_invalid', /element 0 is 7, not a value of BYTES/],
    [of('FP16', [1], [1]), 'tensor_not_json', /FP16 has no JSON form/],
    [of('FLOAT', [1], [1]), 'tensor_datatype_unknown', /there is no datatype "FLOAT"/],
  ])('names the tensor, what is expected and what was given: %#', (json, code, detail) => {
    const refused = refusal(json);
    expect(refused.code).toBe(code);
    expect(refused.detail).toMatch(detail);
    expect(refused.detail).toContain('"pixels"');
  });

  it('refuses to write what JSON would change', () => {
    const inexact = [
      tensor('x', 'FP32', [1], new Float32Array([NaN])),
      tensor('x', 'FP64', [1], new Float64Array([Infinity])),
      tensor('x', 'INT64', [1], new BigInt64Array([2n ** 53n])),
      tensor('x', 'BYTES', [1], [new Uint8Array([0xff])]),
      tensor('x', 'BF16', [1], new Uint16Array([0])),
    ];
    for (const given of inexact) {
      expect(() => tensorToJson(given)).toThrow(expect.objectContaining({ code: 'tensor_not_json' }));
    }
  });
});
