import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryTensor } from './testing/arbitrary-tensor.js';
import {
  decodeInferRequest,
  decodeInferResponse,
  encodeInferRequest,
  encodeInferResponse,
  wantsBinary,
  type InferBody,
} from './infer-message.js';
import { tensor } from './tensor.js';

function message(json: unknown, ...blobs: number[][]): InferBody {
  const text = new TextEncoder().encode(JSON.stringify(json));
  return { body: Uint8Array.from([...text, ...blobs.flat()]), headerLength: text.length };
}

describe('an infer message', () => {
  it('keeps any tensors through the binary form, wherever the body lies in memory', () => {
    fc.assert(
      fc.property(fc.array(arbitraryTensor(), { maxLength: 4 }), fc.nat({ max: 9 }), (inputs, offset) => {
        const { body, headerLength } = encodeInferRequest({ id: 'a', inputs });
        const moved = Buffer.alloc(body.length + offset);
        moved.set(body, offset);
        const back = decodeInferRequest({
          body: moved.subarray(offset),
          ...(headerLength === undefined ? {} : { headerLength }),
        });
        expect(back).toEqual({ id: 'a', inputs });
      }),
    );
  });

  it('keeps binary and JSON tensors side by side, in order', () => {
    const outputs = [
      tensor(
        'label',
        'BYTES',
        [2],
        [Buffer.from('seven'), Buffer.from('one')].map((text) => new Uint8Array(text)),
      ),
      tensor('scores', 'FP32', [2], new Float32Array([0.25, 0.75])),
      tensor('count', 'INT64', [], new BigInt64Array([3n])),
    ];
    const encoded = encodeInferResponse(
      { modelName: 'digits', modelVersion: '3', outputs },
      (name) => name === 'scores',
    );
    expect(decodeInferResponse(encoded)).toEqual({ modelName: 'digits', modelVersion: '3', outputs });
    const json: unknown = JSON.parse(
      new TextDecoder().decode(encoded.body.subarray(0, encoded.headerLength)),
    );
    expect(json).toEqual({
      model_name: 'digits',
      model_version: '3',
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [2], data: ['seven', 'one'] },
        { name: 'scores', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } },
        { name: 'count', datatype: 'INT64', shape: [], data: [3] },
      ],
    });
  });

  it('reads the bytes of the protocol’s own layout', () => {
    const json = {
      inputs: [
        { name: 'a', shape: [2], datatype: 'INT16', parameters: { binary_data_size: 4 } },
        { name: 'b', shape: [2], datatype: 'BYTES', parameters: { binary_data_size: 9 } },
      ],
      outputs: [{ name: 'y', parameters: { binary_data: false } }, { name: 'z' }],
      parameters: { binary_data_output: true },
    };
    const request = decodeInferRequest(message(json, [1, 0, 0xff, 0xff], [1, 0, 0, 0, 65, 0, 0, 0, 0]));
    expect(request.inputs.map((input) => input.data)).toEqual([
      new Int16Array([1, -1]),
      [new Uint8Array([65]), new Uint8Array([])],
    ]);
    const binary = wantsBinary(request);
    expect([binary('y'), binary('z'), binary('unnamed')]).toEqual([false, true, true]);
  });

  const one = (over: object): object => ({
    inputs: [{ name: 'a', shape: [2], datatype: 'UINT8', parameters: { binary_data_size: 2 }, ...over }],
  });

  it.each([
    [{ body: new TextEncoder().encode('{'), headerLength: 1 }, 'tensor_message_malformed'],
    [{ body: new Uint8Array([0xff]), headerLength: 1 }, 'tensor_message_malformed'],
    [{ body: new Uint8Array(3), headerLength: 4 }, 'tensor_message_malformed'],
    [{ body: new Uint8Array(3), headerLength: NaN }, 'tensor_message_malformed'],
    [message([]), 'tensor_message_malformed'],
    [message({}), 'tensor_message_malformed'],
    [message({ inputs: [3] }), 'tensor_message_malformed'],
    [message({ id: 3, inputs: [] }), 'tensor_message_malformed'],
    [message({ inputs: [], outputs: [{}] }), 'tensor_message_malformed'],
    [message(one({ name: '' }), [1, 2]), 'tensor_message_malformed'],
    [message(one({ shape: ['2'] }), [1, 2]), 'tensor_message_malformed'],
    [message(one({ parameters: 'no' }), [1, 2]), 'tensor_message_malformed'],
    [message(one({ parameters: { binary_data_size: -1 } }), [1, 2]), 'tensor_message_malformed'],
    [message(one({}), [1, 2, 3]), 'tensor_message_malformed'],
    [message(one({}), [1]), 'tensor_binary_truncated'],
    [message(one({ shape: [3] }), [1, 2]), 'tensor_binary_truncated'],
    [message(one({ shape: [1e6, 1e6] }), [1, 2]), 'tensor_binary_truncated'],
    [message(one({ shape: [1e9, 1e9] }), [1, 2]), 'tensor_shape_mismatch'],
    [message(one({ datatype: 'BYTES' }), [1, 2]), 'tensor_binary_truncated'],
    [message(one({ datatype: 'BOOL' }), [1, 2]), 'tensor_value_invalid'],
    [message(one({ datatype: 'WORD' }), [1, 2]), 'tensor_datatype_unknown'],
  ])('refuses a hostile one by its class: %#', (body, code) => {
    expect(() => decodeInferRequest(body)).toThrow(expect.objectContaining({ code, kind: 'invalid' }));
  });

  it('answers any bytes with a tensor error or a request, never with a crash', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.integer({ min: -1, max: 70 }),
        (body, headerLength) => {
          try {
            decodeInferRequest({ body, headerLength });
          } catch (error) {
            expect(error).toHaveProperty('kind', 'invalid');
          }
        },
      ),
    );
  });
});
