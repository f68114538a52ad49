import { parentPort, workerData } from 'node:worker_threads';
import { inspect } from './inspect.js';
import { type InspectionTask } from './range-message.js';
import { Ranges, RangeSource } from './range-source.js';

/** The entry of a scan's thread: looks at the files through what it asks for, and answers once. */
const { files, port, shared } = workerData as InspectionTask;
const ranges = new Ranges(port, shared);
const sources = files.map(([path, size], file) => [path, new RangeSource(ranges, file, size)] as const);
try {
  parentPort?.postMessage(await inspect(new Map(sources)));
} finally {
  ranges.wipe();
  port.close();
}
