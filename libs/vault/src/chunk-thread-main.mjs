/**
 * A thread of chunk-threads.ts. In: `{ id }` and the work of chunk-task.mjs. Out: `{ id }` and what came of it.
 *
 * Plain JavaScript, because a thread starts from a file, whatever compiles the rest.
 */
import { parentPort } from 'node:worker_threads';
import { doChunks } from './chunk-task.mjs';

parentPort.on('message', ({ id, ...work }) => parentPort.postMessage({ id, ...doChunks(work) }));
