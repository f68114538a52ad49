import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ModelHost } from '@castellan/engine';
import { tensor, type Tensor } from '@castellan/tensors';
import { kerasEngine, kerasEngineModule } from './index.js';

interface Expected {
  readonly inputs: { readonly image: number[]; readonly series: number[]; readonly vector: number[] };
  readonly models: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

const fixtures = new URL('../../../../test/fixtures/keras-layers/', import.meta.url);
const bytesOf = async (name: string) => new Uint8Array(await readFile(new URL(name, fixtures)));

const SHAPES = { image: [3, 6, 5, 3], series: [3, 6, 4], vector: [3, 5] } as const;

describe.each(['layers-keras2.h5', 'layers-keras3.h5', 'layers-keras3.keras'])(
  'every layer of %s',
  (file) => {
    let host: ModelHost;
    let expected: Expected;
    let outputs: readonly Tensor[];

    beforeAll(async () => {
      expected = JSON.parse(await readFile(new URL('expected.json', fixtures), 'utf8')) as Expected;
      host = await ModelHost.load(kerasEngineModule, new Map([['m', await bytesOf(file)]]));
      const inputs = host.signature.inputs.map(({ name }) => {
        const key = name as keyof typeof SHAPES;
        return tensor(name, 'FP32', SHAPES[key], Float32Array.from(expected.inputs[key]));
      });
      outputs = await host.run(inputs);
    });
    afterAll(() => host?.dispose());

    it('computes what Keras computes', () => {
      const answers = expected.models[file] ?? {};
      expect(outputs.map(({ name }) => name)).toEqual(Object.keys(answers));
      const wrong = outputs.filter(
        ({ name, data }) => distance(data as Float32Array, answers[name] ?? []) > 1e-4,
      );
      expect(wrong.map(({ name }) => name)).toEqual([]);
    });

    it('has outputs of the shapes that its signature says', () => {
      for (const [index, spec] of host.signature.outputs.entries()) {
        expect([spec.name, spec.shape.slice(1)]).toEqual([spec.name, outputs[index]?.shape.slice(1)]);
      }
    });
  },
);

describe('a setting that TensorFlow.js would compute otherwise', () => {
  const refused = readdirSync(fixtures).filter((name) => name.startsWith('refused-'));

  it.each(refused)('is refused by the layer’s name: %s', async (name) => {
    await expect(kerasEngine.load(new Map([['m', await bytesOf(name)]]))).rejects.toMatchObject({
      code: 'model_feature_unsupported',
      publicDetail: expect.stringMatching(/^Layer ".+" \(\w+\) can't be computed here: |in 16-bit floats/),
    });
  });
});

function distance(given: Float32Array, wanted: readonly number[]): number {
  if (given.length !== wanted.length) return Infinity;
  // Relative where values are large: float32 has seven digits.
  return Math.max(
    ...wanted.map((value, index) => Math.abs(value - (given[index] ?? NaN)) / Math.max(1, Math.abs(value))),
  );
}
