import { parentPort, workerData } from 'node:worker_threads';
import { PrivacyError } from '../privacy-error.js';
import type { Checking, CheckingTask } from './check-apart.js';
import { OnePartPerUnit } from './one-part-per-unit.js';
import { readParquet } from './parquet-table.js';

/** The entry of a thread that reads one table, answers once, and overwrites it. */
const { bytes, table } = workerData as CheckingTask;

async function check(): Promise<Checking> {
  const parts = new OnePartPerUnit(table);
  try {
    for await (const record of readParquet(bytes, table)) parts.look(record);
    return {};
  } catch (error) {
    if (!(error instanceof PrivacyError)) throw error;
    return { malformed: error.publicDetail };
  } finally {
    bytes.fill(0);
  }
}

parentPort?.postMessage(await check());
