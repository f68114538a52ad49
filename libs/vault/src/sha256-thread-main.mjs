/**
 * The thread behind Sha256Stream. In: `{ id, block }` adds a block to the digest `id`; `{ id, end: true }` asks for it;
 * `{ id, drop: true }` forgets it. Out: `{ id }` for each block, `{ id, sha256 }` for the end.
 *
 * A digest that begins with `{ id, resume }` (a saved state, or none) can be saved: `{ id, save: true }` is answered with
 * `{ id, state }`. OpenSSL's can't, so that one is hash-wasm's, at about a seventh of the speed. `{ id, error }` says that a
 * state was not one of this release's.
 *
 * Plain JavaScript, because a thread starts from a file, whatever compiles the rest.
 */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

const hashes = new Map();
let turn = Promise.resolve();

parentPort.on('message', (message) => {
  turn = turn.then(() =>
    answer(message).catch((error) => {
      hashes.delete(message.id);
      parentPort.postMessage({ id: message.id, error: String(error) });
    }),
  );
});

async function answer({ id, resume, block, save, end, drop }) {
  if (resume !== undefined) return void hashes.set(id, await resumable(resume));
  const hash = hashes.get(id) ?? createHash('sha256');
  if (save) return parentPort.postMessage({ id, state: hash.save() });
  if (end || drop) hashes.delete(id);
  else hashes.set(id, hash.update(block));
  if (!drop) parentPort.postMessage(end ? { id, sha256: hash.digest('hex') } : { id });
}

async function resumable(state) {
  const { createSHA256 } = await import('hash-wasm');
  const hash = await createSHA256();
  return state.byteLength === 0 ? hash.init() : hash.load(state);
}
