import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ModelHost, warmUp, type ModelFiles } from '@castellan/engine';
import { tensor, type Tensor } from '@castellan/tensors';
import { kerasEngine, kerasEngineModule } from './index.js';

interface Expected {
  readonly inputs: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly models: Readonly<
    Record<string, { readonly outputs: Readonly<Record<string, readonly (readonly number[])[]>> }>
  >;
}

const fixtures = new URL('../../../../test/fixtures/digits/', import.meta.url);

async function files(name: string): Promise<ModelFiles> {
  return new Map([['weights', new Uint8Array(await readFile(new URL(name, fixtures)))]]);
}

async function hosted<T>(name: string, use: (host: ModelHost) => Promise<T>): Promise<T> {
  const host = await ModelHost.load(kerasEngineModule, await files(name));
  try {
    return await use(host);
  } finally {
    await host.dispose();
  }
}

describe('a Keras model', () => {
  let expected: Expected;
  beforeAll(async () => {
    expected = JSON.parse(await readFile(new URL('expected.json', fixtures), 'utf8')) as Expected;
  });

  const pixels = (): Tensor => {
    const { inputs } = expected;
    return tensor('pixels', 'FP32', [inputs.length, 64], Float32Array.from(inputs.flat()));
  };
  const rowsAndTokens = (): Tensor[] => {
    const { inputs } = expected;
    return [
      tensor('rows', 'FP32', [inputs.length, 8, 8], Float32Array.from(inputs.flat())),
      tensor('tokens', 'INT32', [inputs.length, 64], Int32Array.from(inputs.flat())),
    ];
  };

  function expectKerasAnswers(name: string, outputs: readonly Tensor[]): void {
    const wanted = expected.models[name]?.outputs ?? {};
    expect(outputs.map((output) => output.name)).toEqual(Object.keys(wanted));
    for (const output of outputs) {
      const values = wanted[output.name]?.flat() ?? [];
      const given = Array.from(output.data as Float32Array);
      expect(given).toHaveLength(values.length);
      expect(Math.max(...given.map((value, index) => Math.abs(value - (values[index] ?? NaN))))).toBeLessThan(
        1e-4,
      );
    }
  }

  it.each(['digits-keras3.h5', 'digits-keras2.h5', 'digits-keras3.keras'])(
    'answers as Keras does: %s',
    async (name) => {
      await hosted(name, async (host) => {
        expect(host.platform).toBe('tensorflowjs_keras');
        expect(host.signature).toEqual({
          inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
          outputs: [{ name: 'digit', datatype: 'FP32', shape: [-1, 10] }],
        });
        expect(await warmUp(host)).toBe(true);
        expectKerasAnswers(name, await host.run([pixels()]));
      });
    },
  );

  it.each(['digits-convolutional-keras3.h5', 'digits-convolutional-keras2.h5'])(
    'answers as Keras does through convolutions, normalisation, pooling and a branch: %s',
    async (name) => {
      await hosted(name, async (host) => expectKerasAnswers(name, await host.run([pixels()])));
    },
  );

  it.each(['digits-recurrent-keras3.h5', 'digits-recurrent-keras2.h5'])(
    'answers as Keras does through recurrence, embedding, wrappers and a nested model: %s',
    async (name) => {
      await hosted(name, async (host) => {
        expect(host.signature.inputs).toEqual([
          { name: 'rows', datatype: 'FP32', shape: [-1, 8, 8] },
          { name: 'tokens', datatype: 'INT32', shape: [-1, 64] },
        ]);
        expectKerasAnswers(name, await host.run(rowsAndTokens()));
      });
    },
  );

  it('goes on answering after a request that it can’t compute', async () => {
    await hosted('digits-keras3.h5', async (host) => {
      const tooWide = tensor('pixels', 'FP32', [1, 65], new Float32Array(65));
      await expect(host.run([tooWide])).rejects.toMatchObject({ code: 'engine_failed' });
      expectKerasAnswers('digits-keras3.h5', await host.run([pixels()]));
    });
  });

  it.each(['lambda-keras3.h5', 'lambda-keras2.h5', 'lambda-keras3.keras'])(
    'is refused when it carries code, by the name of the layer: %s',
    async (name) => {
      await expect(kerasEngine.load(await files(name))).rejects.toMatchObject({
        code: 'model_carries_code',
        publicDetail: expect.stringMatching(/^Layer "lambda.*" carries Python code/),
      });
    },
  );

  it('has its bytes overwritten, loaded or refused', async () => {
    for (const name of ['digits-keras3.h5', 'lambda-keras3.h5']) {
      const model = await files(name);
      await kerasEngine.load(model).then(
        (loaded) => loaded.dispose(),
        () => undefined,
      );
      // What moved into the thread that reads is no longer here; the rest was overwritten.
      for (const bytes of model.values())
        expect(bytes.byteLength === 0 || bytes.every((byte) => byte === 0)).toBe(true);
    }
  });

  it('is refused when it is cut short', async () => {
    const [bytes = new Uint8Array()] = (await files('digits-keras3.h5')).values();
    const cut = new Map([['x', bytes.slice(0, 60_000)]]);
    await expect(kerasEngine.load(cut)).rejects.toMatchObject({ code: 'model_unreadable' });
  });
});
