import { env } from 'node:process';
import { tensor, type Tensor } from '@castellan/tensors';
import { wipe, type Engine, type LoadedModel, type ModelFiles } from '../engine.js';
import { EngineError } from '../engine-error.js';

/** An engine for the host's own tests: it blocks, fails or takes its thread down, as it is asked. */
export const temperamentalEngine: Engine = {
  name: 'temperamental',
  accepts: () => true,
  load: async (files) => load(files),
};

const BLOCK_MS = 30;

function load(files: ModelFiles): LoadedModel {
  const first = files.get('m')?.[0];
  wipe(files);
  if (first === undefined) throw new EngineError('model_unreadable', 'There is nothing in it.');
  return {
    platform: 'temperamental',
    signature: {
      inputs: [{ name: 'wish', datatype: 'BYTES', shape: [-1] }],
      outputs: [{ name: 'first byte', datatype: 'UINT8', shape: [1] }],
    },
    run: async ([input]) => (wish(input) === 'crash' ? crash() : [answer(first, wish(input))]),
    dispose: async () => undefined,
  };
}

function wish(input: Tensor | undefined): string {
  return input?.datatype === 'BYTES' ? new TextDecoder().decode(input.data[0]) : '';
}

/** An exception that no promise carries ends the thread, as a defect in an engine would. There is no answer to race with it. */
function crash(): Promise<never> {
  queueMicrotask(() => JSON.parse('{'));
  return new Promise(() => undefined);
}

function answer(first: number, wanted: string): Tensor {
  if (wanted === 'fail') throw new Error('as asked');
  if (wanted === 'environment')
    return tensor('size', 'UINT8', [1], new Uint8Array([Object.keys(env).length]));
  if (wanted === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS);
  return tensor('first byte', 'UINT8', [1], new Uint8Array([first]));
}
