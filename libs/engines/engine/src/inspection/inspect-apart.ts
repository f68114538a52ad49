import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { movable, type ModelFiles } from '../engine.js';
import { type Inspection } from './inspect.js';

export interface InspectApartOptions {
  /** Node options of the thread; absent, those of the process. */
  readonly execArgv?: readonly string[];
  /** In milliseconds. */
  readonly timeLimit?: number;
}

const QUARTER_OF_AN_HOUR = 15 * 60_000;

/**
 * `inspect` in a thread of its own with an empty environment. Whatever a hostile file does to a parser (a loop without
 * end, all the heap, a crash of the HDF5 library) happens beside the process that holds keys, and the library's memory
 * goes with the thread. The files' memory moves into the thread, which overwrites it. Never throws for what a file
 * contains: a scan that did not come to its end is `unreadable`.
 */
export async function inspectApart(
  files: ModelFiles,
  { execArgv, timeLimit = QUARTER_OF_AN_HOUR }: InspectApartOptions = {},
): Promise<Inspection> {
  const owned = Array.from(files, ([path, bytes]) => [path, movable(bytes)] as const);
  const thread = new Worker(new URL(`./inspection-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: owned,
    transferList: [...new Set(owned.map(([, bytes]) => bytes.buffer))],
    env: {},
    name: 'inspection',
    ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
  });
  let late = false;
  const clock = setTimeout(() => {
    late = true;
    void thread.terminate();
  }, timeLimit);
  try {
    return await new Promise((resolve) => {
      thread.once('message', resolve);
      thread.once('error', ({ message }) => resolve(notSeen(`The scan broke off: ${message}`)));
      thread.once('exit', () => resolve(notSeen(`The scan ${late ? 'took too long' : 'broke off'}.`)));
    });
  } finally {
    clearTimeout(clock);
    await thread.terminate();
  }
}

function notSeen(detail: string): Inspection {
  const finding = { code: 'file_unreadable', severity: 'critical', path: '', detail } as const;
  return { verdict: 'unreadable', detectedFormat: 'unknown', findings: [finding], scannedFiles: [] };
}
