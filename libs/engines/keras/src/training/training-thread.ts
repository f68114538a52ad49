import { parentPort, workerData } from 'node:worker_threads';
import { SystemBits } from '@castellan/differential-privacy';
import { trainModel, type TrainingTask } from './train-model.js';

/** The entry of a training's thread: trains the one task that it was started with. Told to stop, it stops for good. */

const port = parentPort;
if (port === null) throw new Error('training-thread is started by runTraining only');
const stopping = new AbortController();
port.on('message', () => stopping.abort());
const task = workerData as TrainingTask;
const file = await trainModel(
  task,
  new SystemBits(),
  (progress) => port.postMessage({ kind: 'progress', progress }),
  stopping.signal,
);
if (file !== undefined) port.postMessage({ kind: 'done', file });
port.close();
