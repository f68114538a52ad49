import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { TrainingTask } from './train-model.js';
import type { TrainingProgress } from './train-privately.js';

export interface TrainingRun {
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly signal: AbortSignal;
}

type FromThread =
  | { readonly kind: 'progress'; readonly progress: TrainingProgress }
  | { readonly kind: 'done'; readonly file: Uint8Array };

/**
 * Trains in a thread of its own, so that the process goes on meanwhile, and gives the Keras file; undefined when it was
 * stopped. The memory of the rows and of the base moves into the thread. The thread has an empty environment.
 * @throws when the thread dies
 */
export function runTraining(task: TrainingTask, run: TrainingRun): Promise<Uint8Array | undefined> {
  const { features, labels } = task.rows;
  const moved = [features, labels, ...(task.base === undefined ? [] : [task.base.file])];
  const thread = new Worker(new URL(`./training-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: task,
    transferList: moved.map(({ buffer }) => buffer as ArrayBuffer),
    env: {},
    name: 'training',
  });
  return new Promise((resolve, reject) => {
    let file: Uint8Array | undefined;
    const stop = () => thread.postMessage('stop');
    run.signal.addEventListener('abort', stop);
    thread.on('message', (message: FromThread) => {
      if (message.kind === 'done') file = message.file;
      else run.onProgress(message.progress);
    });
    thread.on('error', reject);
    thread.on('exit', () => {
      run.signal.removeEventListener('abort', stop);
      if (file === undefined && !run.signal.aborted) reject(new Error('the training’s thread ended'));
      resolve(file);
    });
  });
}
