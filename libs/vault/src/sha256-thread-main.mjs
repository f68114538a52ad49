/**
 * The thread behind Sha256Stream. In: `{ id, block }` adds a block to the digest `id`; `{ id, end: true }` asks for it;
 * `{ id, drop: true }` forgets it. Out: `{ id }` for each block, `{ id, sha256 }` for the end.
 *
 * Plain JavaScript, because a thread starts from a file, whatever compiles the rest.
 */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

const hashes = new Map();

parentPort.on('message', ({ id, block, end, drop }) => {
  const hash = hashes.get(id) ?? createHash('sha256');
  if (end || drop) hashes.delete(id);
  else hashes.set(id, hash.update(block));
  if (!drop) parentPort.postMessage(end ? { id, sha256: hash.digest('hex') } : { id });
});
