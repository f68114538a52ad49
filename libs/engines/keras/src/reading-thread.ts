import { parentPort, workerData } from 'node:worker_threads';
import { EngineError } from '@castellan/engine';
import { readKerasFile } from './keras-file.js';
import { type Reading } from './read-apart.js';

/** The entry of a thread that reads one Keras file, answers once, and overwrites it. */
const bytes = workerData as Uint8Array;

async function read(): Promise<Reading> {
  try {
    return { file: await readKerasFile(bytes) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { failure: { code: error.code, detail: error.publicDetail } };
  } finally {
    bytes.fill(0);
  }
}

parentPort?.postMessage(await read());
