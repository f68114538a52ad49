import { parentPort, workerData } from 'node:worker_threads';
import { EngineError } from '@castellan/engine';
import { BaseModel } from './base-model.js';
import type { Fitting, FittingTask } from './fit-base-apart.js';

/** The entry of a thread that looks at one base, answers once, and overwrites it. */
const { bytes, expected } = workerData as FittingTask;

async function look(): Promise<Fitting> {
  try {
    return { fit: (await BaseModel.open(bytes, expected)).fit };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { failure: { code: error.code, detail: error.publicDetail } };
  } finally {
    bytes.fill(0);
  }
}

parentPort?.postMessage(await look());
