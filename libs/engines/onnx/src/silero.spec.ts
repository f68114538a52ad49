import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ModelHost, warmUp, type ModelFiles } from '@castellan/engine';
import { tensor, type Tensor } from '@castellan/tensors';
import { onnxEngine, onnxEngineModule } from './index.js';

interface Expected {
  readonly sampleRate: number;
  readonly frameSamples: number;
  readonly pcm16: string;
  readonly speechProbability: readonly number[];
  readonly lastState: readonly number[];
}

const root = new URL('../../../../', import.meta.url);
const modelFile = new URL('node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', root);
const expectedFile = new URL('test/fixtures/silero-vad/expected.json', root);

async function files(): Promise<ModelFiles> {
  return new Map([['model/vad.bin', new Uint8Array(await readFile(modelFile))]]);
}

describe('the Silero voice-activity model', () => {
  let expected: Expected;
  beforeAll(async () => {
    expected = JSON.parse(await readFile(expectedFile, 'utf8')) as Expected;
  });

  function* frames(): Generator<Float32Array> {
    const bytes = Buffer.from(expected.pcm16, 'base64');
    const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    for (let at = 0; at < samples.length; at += expected.frameSamples) {
      yield Float32Array.from(samples.subarray(at, at + expected.frameSamples), (sample) => sample / 32768);
    }
  }

  it('is recognised by its content and described with its variable dimensions and its scalar', async () => {
    const model = await files();
    expect(onnxEngine.accepts(model)).toBe(true);
    const loaded = await onnxEngine.load(model);
    expect(loaded.platform).toBe('onnxruntime_onnx');
    expect(loaded.signature).toEqual({
      inputs: [
        { name: 'input', datatype: 'FP32', shape: [-1, -1] },
        { name: 'state', datatype: 'FP32', shape: [2, -1, 128] },
        { name: 'sr', datatype: 'INT64', shape: [] },
      ],
      outputs: [
        { name: 'output', datatype: 'FP32', shape: [-1, 1] },
        { name: 'stateN', datatype: 'FP32', shape: [-1, -1, -1] },
      ],
    });
    await loaded.dispose();
  });

  it('answers as Python’s ONNX Runtime does, frame after frame, from a thread, its bytes wiped', async () => {
    const model = await files();
    const host = await ModelHost.load(onnxEngineModule, model);
    try {
      expect(await warmUp(host)).toBe(false);
      let state: Tensor = tensor('state', 'FP32', [2, 1, 128], new Float32Array(256));
      const rate = tensor('sr', 'INT64', [], new BigInt64Array([BigInt(expected.sampleRate)]));
      const probabilities: number[] = [];
      for (const frame of frames()) {
        const input = tensor('input', 'FP32', [1, frame.length], frame);
        const [output, next] = await host.run([input, state, rate]);
        if (output?.datatype !== 'FP32' || next === undefined)
          throw new Error('not the outputs of this model');
        probabilities.push(...output.data);
        state = { ...next, name: 'state' };
      }
      expectClose(probabilities, expected.speechProbability);
      expectClose(Array.from(state.data as Float32Array), expected.lastState);
    } finally {
      await host.dispose();
    }
  });

  it('overwrites the bytes it was given', async () => {
    const model = await files();
    const loaded = await onnxEngine.load(model);
    for (const bytes of model.values()) expect(bytes.every((byte) => byte === 0)).toBe(true);
    await loaded.dispose();
  });

  it('fails a request that it can’t compute, and goes on answering', async () => {
    const host = await ModelHost.load(onnxEngineModule, await files());
    try {
      const rate = tensor('sr', 'INT64', [], new BigInt64Array([16000n]));
      const state = tensor('state', 'FP32', [2, 1, 128], new Float32Array(256));
      const wrongBatch = tensor('input', 'FP32', [3, 512], new Float32Array(3 * 512));
      await expect(host.run([wrongBatch, state, rate])).rejects.toMatchObject({ code: 'engine_failed' });
      const silence = tensor('input', 'FP32', [1, 512], new Float32Array(512));
      await expect(host.run([silence, state, rate])).resolves.toHaveLength(2);
    } finally {
      await host.dispose();
    }
  });

  it('is refused when it is cut short', async () => {
    const [bytes] = (await files()).values();
    const short = new Map([['vad.onnx', (bytes ?? new Uint8Array()).slice(0, -1000)]]);
    expect(onnxEngine.accepts(short)).toBe(false);
    await expect(onnxEngine.load(short)).rejects.toMatchObject({ code: 'model_format_unsupported' });
  });
});

function expectClose(given: readonly number[], expected: readonly number[]): void {
  expect(given).toHaveLength(expected.length);
  const distance = Math.max(...given.map((value, index) => Math.abs(value - (expected[index] ?? NaN))));
  expect(distance).toBeLessThan(1e-4);
}
