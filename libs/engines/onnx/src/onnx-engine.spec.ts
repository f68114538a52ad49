import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ModelHost, type LoadedModel, type ModelFiles } from '@castellan/engine';
import {
  elementSizeBytes,
  tensor,
  tensorBytes,
  tensorFromBytes,
  type Datatype,
  type Tensor,
} from '@castellan/tensors';
import { onnxEngine, onnxEngineModule } from './index.js';

const fixtures = new URL('../../../../test/fixtures/', import.meta.url);

async function files(paths: Readonly<Record<string, string>>): Promise<ModelFiles> {
  const entries = Object.entries(paths).map(async ([path, file]) => {
    return [path, new Uint8Array(await readFile(new URL(file, fixtures)))] as const;
  });
  return new Map(await Promise.all(entries));
}

/** A thread has the real typed arrays; a spec has its own, which ONNX Runtime does not take for them. */
async function hosted(
  paths: Readonly<Record<string, string>>,
  use: (model: LoadedModel) => Promise<void>,
): Promise<void> {
  const host = await ModelHost.load(onnxEngineModule, await files(paths));
  await use(host).finally(() => host.dispose());
}

const linear = { 'm/model.onnx': 'onnx/linear/model.onnx', 'm/weights.bin': 'onnx/linear/weights.bin' };

describe('the ONNX engine', () => {
  it('carries every element type there and back', async () => {
    await hosted({ model: 'onnx/every-type.onnx' }, async (model) => {
      const inputs = model.signature.inputs.map(({ name, datatype, shape }) => {
        expect(shape).toEqual([-1]);
        return twoOf(name, datatype);
      });
      const outputs = await model.run(inputs);
      expect(outputs.map(({ datatype }) => datatype)).toEqual(inputs.map(({ datatype }) => datatype));
      expect(outputs.map(tensorBytes)).toEqual(inputs.map(tensorBytes));
    });
  });

  it('takes external data from the version’s files', async () => {
    await hosted(linear, async (model) => {
      expect(model.signature.outputs).toEqual([{ name: 'y', datatype: 'FP32', shape: [-1, 128] }]);
      const row = fc.float32Array({ minLength: 4, maxLength: 4, noNaN: true, min: -9, max: 9 });
      await fc.assert(
        fc.asyncProperty(row, async (x) =>
          expectLinear(x, await model.run([tensor('x', 'FP32', [1, 4], x)])),
        ),
        { numRuns: 20 },
      );
    });
  });

  it('looks at no path for external data that the version lacks or that lies outside', async () => {
    const alone = await files({ 'm/model.onnx': 'onnx/linear/model.onnx' });
    await expect(onnxEngine.load(alone)).rejects.toMatchObject({ code: 'model_unreadable' });
    for (const name of [
      'external-escape',
      'external-absolute',
      'external-missing',
      'external-escape-in-branch',
    ]) {
      const hostile = await files({ 'm/model.onnx': `hostile-models/${name}.onnx` });
      await expect(onnxEngine.load(hostile)).rejects.toMatchObject({
        code: 'model_unreadable',
        publicDetail: expect.stringMatching(/which is not in the version/),
      });
    }
  });

  it('refuses what is no tensor, and says how to export the model instead', async () => {
    await expect(onnxEngine.load(await files({ model: 'onnx/sequence-output.onnx' }))).rejects.toMatchObject({
      code: 'model_feature_unsupported',
      publicDetail: expect.stringMatching(/Output "y" is not a tensor.*zipmap=False/),
    });
  });

  it('refuses operators that need a native library', async () => {
    await expect(
      onnxEngine.load(await files({ model: 'hostile-models/custom-operator.onnx' })),
    ).rejects.toMatchObject({
      code: 'model_unreadable',
    });
  });

  it('accepts exactly one model', async () => {
    expect(onnxEngine.accepts(await files(linear))).toBe(true);
    expect(onnxEngine.accepts(await files({ a: 'digits/digits-keras3.h5' }))).toBe(false);
    expect(onnxEngine.accepts(await files({ a: 'onnx/every-type.onnx', b: 'onnx/every-type.onnx' }))).toBe(
      false,
    );
  });
});

function twoOf(name: string, datatype: Datatype): Tensor {
  if (datatype === 'BYTES')
    return tensor(
      name,
      datatype,
      [2],
      ['é', ''].map((text) => new TextEncoder().encode(text)),
    );
  return tensorFromBytes(name, datatype, [2], new Uint8Array(2 * (elementSizeBytes(datatype) ?? 0)).fill(1));
}

function expectLinear(x: Float32Array, [y]: readonly Tensor[]): void {
  if (y?.datatype !== 'FP32') throw new Error('not the output of this model');
  y.data.forEach((value, column) => {
    const sum = x.reduce((total, element, row) => total + (element * (row * 128 + column)) / 512, 0);
    expect(value).toBeCloseTo(sum - 1 + (2 * column) / 127, 3);
  });
}
