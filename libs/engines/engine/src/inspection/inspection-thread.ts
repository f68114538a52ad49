import { parentPort, workerData } from 'node:worker_threads';
import { wipe } from '../engine.js';
import { inspect } from './inspect.js';

/** The entry of a scan's thread: looks at the files it was started with, answers once, and overwrites them. */
const files = new Map(workerData as readonly (readonly [string, Uint8Array])[]);
try {
  parentPort?.postMessage(await inspect(files));
} finally {
  wipe(files);
}
