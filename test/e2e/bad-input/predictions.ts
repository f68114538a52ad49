import { describe, expect, it } from '@jest/globals';
import { runCastellan } from '../../support/running-castellan.js';
import type { Scene } from './scene.js';

type Image = readonly number[];

export function inputThatDoesNotFit(onStage: () => Scene): void {
  describe('input that the model does not take, at /api/predict', () => {
    it.each<[what: string, input: (image: Image) => unknown, code: string, detail: RegExp]>([
      [
        'a row that is too short',
        (image) => [image.slice(1)],
        'tensor_shape_mismatch',
        /^Input "pixels": the model wants shape \[-1, 64\], given shape \[1, 63\]\.$/,
      ],
      ['a dimension too many', (image) => [[image]], 'tensor_shape_mismatch', /given shape \[1, 1, 64\]/],
      ['nothing at all', () => [], 'tensor_shape_mismatch', /given shape \[1, 0\]/],
      [
        'rows of two lengths',
        (image) => [image, image.slice(1)],
        'tensor_shape_mismatch',
        /"pixels": .*wants 64 elements at data\[1\], given 63/,
      ],
      [
        'numbers as text',
        (image) => [image.map(String)],
        'tensor_value_invalid',
        /^Tensor "pixels": element 0 is a string, not a value of FP32\.$/,
      ],
      ['a missing number', (image) => [[...image.slice(1), null]], 'tensor_value_invalid', /63 is null/],
      [
        'a number that no single can hold',
        (image) => [image.map(() => 1e300)],
        'tensor_value_invalid',
        /element 0 is 1e\+300, not a value of FP32/,
      ],
      ['a sentence', () => 'seven', 'tensor_value_invalid', /"pixels": element 0 is a string/],
      [
        'another input’s name',
        (image) => ({ photo: [image] }),
        'tensor_input_unknown',
        /no input "photo"; the model wants "pixels"/,
      ],
      ['no name', () => ({}), 'tensor_input_missing', /"pixels" is missing; .* FP32 of shape \[-1, 64\]/],
      ['no input', () => undefined, 'input_malformed', /There is no "input".*"pixels" \(FP32 of shape/],
    ])('is refused by the input, what it should be and what it is: %s', async (_, input, code, detail) => {
      const scene = onStage();
      const { cast, image } = scene;
      const asked = () => cast.consumer.gateway.predict({ model: 'digits', input: input(image) });
      expect(await scene.refusedWithoutTrace(asked)).toMatchObject({
        code,
        kind: 'invalid',
        detail: expect.stringMatching(detail),
      });
    });

    it('is refused as well when it comes by the command line', async () => {
      const { castellan, cast } = onStage();
      const told = await runCastellan(['predict', 'digits', '--input', '[[1,2]]', '--json'], {
        CASTELLAN_URL: castellan.apiUrl,
        CASTELLAN_GATEWAY_URL: castellan.gatewayUrl,
        CASTELLAN_TOKEN: cast.consumer.token,
      });
      expect(told).toMatchObject({
        exitCode: 1,
        error: {
          code: 'tensor_shape_mismatch',
          detail: 'Input "pixels": the model wants shape [-1, 64], given shape [1, 2].',
        },
      });
    });
  });

  describe('input that the model does not take, at /v2', () => {
    const pixels = (image: Image) => ({ name: 'pixels', datatype: 'FP32', shape: [1, 64], data: image });

    it.each<[what: string, message: (image: Image) => unknown, error: RegExp]>([
      [
        'another shape',
        () => ({ inputs: [{ ...pixels([1, 2]), shape: [1, 2] }] }),
        /^tensor_shape_mismatch: Input "pixels": the model wants shape \[-1, 64\], given shape \[1, 2\]\.$/,
      ],
      [
        'another type',
        (image) => ({ inputs: [{ ...pixels(image.map(Math.round)), datatype: 'INT32' }] }),
        /^tensor_datatype_mismatch: Input "pixels": the model wants FP32, given INT32\.$/,
      ],
      [
        'a type that there is not',
        (image) => ({ inputs: [{ ...pixels(image), datatype: 'FP99' }] }),
        /^tensor_datatype_unknown: Tensor "pixels": there is no datatype "FP99"/,
      ],
      [
        'less data than its shape says',
        (image) => ({ inputs: [pixels(image.slice(1))] }),
        /"pixels": shape \[1, 64\] holds 64 elements, the data has 63/,
      ],
      [
        'a shape beyond all memory',
        (image) => ({ inputs: [{ ...pixels(image), shape: [1e9, 64e9] }] }),
        /^tensor_shape_mismatch: Tensor "pixels"/,
      ],
      ['no input', () => ({ inputs: [] }), /^tensor_input_missing: Input "pixels" is missing/],
      ['no message', () => [], /^tensor_message_malformed: .*not an object/],
      [
        'an output that it does not give',
        (image) => ({ inputs: [pixels(image)], outputs: [{ name: 'mood' }] }),
        /no output "mood"; the model gives "digit"/,
      ],
    ])('is refused in the protocol’s own form: %s', async (_, message, error) => {
      const { cast, image } = onStage();
      const path = '/v2/models/digits/infer';
      const response = await cast.consumer.gateway.connection.raw('POST', path, { json: message(image) });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ error: expect.stringMatching(error) });
    });
  });

  describe('a deployment that there is not', () => {
    it('is unknown at every door', async () => {
      const scene = onStage();
      const { cast, castellan } = scene;
      const unknown = {
        code: 'deployment_unknown',
        kind: 'not_found',
        detail: 'There is no deployment "nope".',
      };
      const { consumer, admin } = cast;
      expect(
        await scene.refusedWithoutTrace(() => consumer.gateway.predict({ model: 'nope', input: [] })),
      ).toMatchObject(unknown);
      const infer = await consumer.gateway.connection.raw('POST', '/v2/models/nope/infer', { json: {} });
      expect([infer.status, await infer.json()]).toEqual([
        404,
        { error: 'deployment_unknown: There is no deployment "nope".' },
      ]);
      expect(await scene.refusedWithoutTrace(() => admin.api.deleteDeployment('nope'))).toMatchObject({
        code: 'deployment_unknown',
      });
      const cli = await runCastellan(['predict', 'nope', '--input', '[]', '--json'], {
        CASTELLAN_URL: castellan.apiUrl,
        CASTELLAN_GATEWAY_URL: castellan.gatewayUrl,
        CASTELLAN_TOKEN: consumer.token,
      });
      expect(cli).toMatchObject({ exitCode: 1, error: { code: 'deployment_unknown' } });
    });

    it('can not be made of a version that there is not, nor twice', async () => {
      const scene = onStage();
      const { admin } = scene.cast;
      const made = (name: string, version: string) => () => admin.api.createDeployment({ name, version });
      expect(await scene.refusedWithoutTrace(made('other', 'digits@99'))).toMatchObject({
        code: 'version_unknown',
        detail: expect.stringContaining('"digits@99"'),
      });
      expect(await scene.refusedWithoutTrace(made('digits', 'digits@1'))).toMatchObject({
        code: 'deployment_exists',
      });
    });
  });
}
