import { describe, expect, it } from '@jest/globals';
import { tensor, validateInputs, type Signature, type Tensor } from '@castellan/tensors';
import { readPlainInput } from './plain-input.js';
import { writePlainOutput } from './plain-output.js';

const row = Array.from({ length: 4 }, (_, index) => index / 2);
const digits: Signature = {
  inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'scores', datatype: 'FP32', shape: [-1, 2] }],
};
const image: Signature = {
  inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 2, 2, 1] }],
  outputs: [{ name: 'scores', datatype: 'FP32', shape: [-1, 2] }],
};
const speech: Signature = {
  inputs: [
    { name: 'sound', datatype: 'FP32', shape: [-1, 3] },
    { name: 'rate', datatype: 'INT64', shape: [] },
  ],
  outputs: [
    { name: 'speech', datatype: 'FP32', shape: [-1, 1] },
    { name: 'state', datatype: 'FP32', shape: [2, -1] },
  ],
};

function shapes(signature: Signature, input: unknown): [readonly number[][], boolean] {
  const { tensors, singleRow } = readPlainInput(signature, input);
  return [validateInputs(signature, tensors).map(({ shape }) => [...shape]), singleRow];
}

describe('the input of the one-call API', () => {
  it('is rows', () => {
    expect(shapes(digits, [row, row])).toEqual([[[2, 4]], false]);
  });

  it('is one row', () => {
    expect(shapes(digits, row)).toEqual([[[1, 4]], true]);
    expect(
      shapes(image, [
        [[0], [1]],
        [[2], [3]],
      ]),
    ).toEqual([[[1, 2, 2, 1]], true]);
  });

  it('is rows by the name of their input', () => {
    expect(shapes(digits, { pixels: [row] })).toEqual([[[1, 4]], false]);
    expect(shapes(digits, { pixels: row })).toEqual([[[1, 4]], true]);
    expect(shapes(speech, { rate: 16000, sound: [[0, 1, 2]] })).toEqual([[[1, 3], []], false]);
  });

  it('is a flat row, or flat rows, where the model wants them nested', () => {
    expect(shapes(image, row)).toEqual([[[1, 2, 2, 1]], true]);
    expect(shapes(image, [row, row, row])).toEqual([[[3, 2, 2, 1]], false]);
  });

  it('keeps row-major order through every form', () => {
    const values = (input: unknown): unknown => [...(readPlainInput(image, input).tensors[0]?.data ?? [])];
    const nested = [
      [[0], [0.5]],
      [[1], [1.5]],
    ];
    for (const form of [row, [row], nested, [nested]]) expect(values(form)).toEqual(row);
  });

  it.each([
    [
      'rows of the wrong length',
      digits,
      [[1, 2, 3]],
      'tensor_shape_mismatch',
      /"pixels".*\[-1, 4\].*\[1, 3\]/,
    ],
    [
      'rows of different lengths',
      digits,
      [row, [1]],
      'tensor_shape_mismatch',
      /4 elements at data\[1\].*1 element/,
    ],
    [
      'flat rows whose lengths only add up',
      image,
      [row, [1, 2, 3], [1, 2, 3, 4, 5]],
      'tensor_shape_mismatch',
      /image/,
    ],
    ['words for numbers', digits, [['a', 1, 2, 3]], 'tensor_value_invalid', /"pixels".*a string.*FP32/],
    [
      'nothing',
      digits,
      undefined,
      'input_malformed',
      /There is no "input".*"pixels" \(FP32 of shape \[-1, 4\]\)/,
    ],
    ['a bare array for two inputs', speech, [[1, 2, 3]], 'input_malformed', /2 inputs.*"sound".*"rate"/],
    ['a name that the model lacks', digits, { pixel: [row] }, 'tensor_input_unknown', /"pixel".*"pixels"/],
    ['a name left out', speech, { rate: 1 }, 'tensor_input_missing', /"sound"/],
    ['prototype names', digits, JSON.parse('{"__proto__": [1]}'), 'tensor_input_unknown', /__proto__/],
  ])('is refused when it is %s, with what was expected and given', (_, signature, input, code, detail) => {
    const read = (): unknown => shapes(signature, input);
    expect(read).toThrow(detail);
    expect(read).toThrow(expect.objectContaining({ code, kind: 'invalid' }));
  });
});

describe('the output of the one-call API', () => {
  const scores: Tensor = tensor('scores', 'FP32', [1, 2], Float32Array.of(0.25, 0.75));

  it('is a bare array when there is one output', () => {
    expect(writePlainOutput(digits, [scores], false)).toEqual([[0.25, 0.75]]);
  });

  it('is one row when one row was asked', () => {
    expect(writePlainOutput(digits, [scores], true)).toEqual([0.25, 0.75]);
  });

  it('is an object by name when there are several, and only the batched ones lose their batch', () => {
    const outputs = [
      tensor('speech', 'FP32', [1, 1], Float32Array.of(0.5)),
      tensor('state', 'FP32', [2, 1], Float32Array.of(1, 2)),
    ];
    expect(writePlainOutput(speech, outputs, true)).toEqual({ speech: [0.5], state: [[1], [2]] });
  });

  it('refuses what JSON has no exact form for', () => {
    const infinite = tensor('scores', 'FP32', [1, 2], Float32Array.of(0, Infinity));
    expect(() => writePlainOutput(digits, [infinite], false)).toThrow(
      expect.objectContaining({ code: 'tensor_not_json' }),
    );
  });
});
