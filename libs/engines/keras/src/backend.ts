import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** `tensorflow` is the native library of tfjs-node; `wasm` comes inside a package; `cpu` is plain JavaScript. */
export type Backend = 'tensorflow' | 'wasm' | 'cpu';

let chosen: Promise<Backend> | undefined;

/** The fastest backend that this machine has, chosen once for the thread. */
export function selectBackend(): Promise<Backend> {
  chosen ??= choose();
  return chosen;
}

/** Computes on plain JavaScript from now on: slow, and has every operator. Weights move along. */
export async function fallBackToPlainJavaScript(): Promise<void> {
  chosen = Promise.resolve('cpu');
  await tf.setBackend('cpu');
}

/** Whether an error says that the backend in use lacks an operator. */
export function lacksOperator(error: unknown): boolean {
  return error instanceof Error && /not registered for the backend/.test(error.message);
}

async function choose(): Promise<Backend> {
  if ((await loadNative()) && (await tf.setBackend('tensorflow'))) return 'tensorflow';
  const require = createRequire(import.meta.url);
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  if (await tf.setBackend('wasm')) return 'wasm';
  await tf.setBackend('cpu');
  return 'cpu';
}

/** tfjs-node is an optional dependency: its library is fetched at install time, where that is possible. */
async function loadNative(): Promise<boolean> {
  // tfjs-node 4.22 calls this function of Node's, which has gone since Node 23.
  if (!('isNullOrUndefined' in util)) {
    Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  }
  const name = '@tensorflow/tfjs-node';
  try {
    await import(name);
    return true;
  } catch {
    return false;
  }
}
