/**
 * A thread of chunk-threads.ts. In: `{ id, task, chunkKey, first, chunks }`, `task` being `seal` or `open`, `chunks` lying in
 * shared memory, each with room for its tag, the first of them with number `first`. Out: `{ id, genuine }`.
 *
 * Plain JavaScript, because a thread starts from a file, whatever compiles the rest.
 */
import { parentPort } from 'node:worker_threads';
import { openChunkInPlace, sealChunkInPlace } from '@castellan/sealed-stream/chunk-cipher';

parentPort.on('message', ({ id, task, chunkKey, first, chunks }) => {
  const genuine = chunks.every((chunk, turn) => {
    if (task === 'open') return openChunkInPlace(chunkKey, first + turn, chunk);
    sealChunkInPlace(chunkKey, first + turn, chunk);
    return true;
  });
  parentPort.postMessage({ id, genuine });
});
