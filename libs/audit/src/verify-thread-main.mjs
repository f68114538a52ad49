// A thread of `verifyLogFolder`: checks full blocks of leaves against their roots, which the main thread has checked against
// the signed one. Answers whether all of them are sound; what differs and how is found by `verifyLog`.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import {
  decodeEntryBundle,
  decodeTile,
  entryBundlePath,
  equalHashes,
  HASH_BYTES,
  leafHash,
  rootOf,
  TILE_WIDTH,
  tilePath,
} from '@castellan/merkle-log';

const { folder, first, roots } = workerData;

async function isSound(index, root) {
  const [tile, bundle] = await Promise.all([
    readFile(join(folder, tilePath({ level: 0, index, width: TILE_WIDTH }))),
    readFile(join(folder, entryBundlePath({ index, width: TILE_WIDTH }))),
  ]);
  const signed = decodeTile(tile);
  const entries = decodeEntryBundle(bundle);
  return (
    signed.length === TILE_WIDTH &&
    entries.length === TILE_WIDTH &&
    equalHashes(rootOf(signed), root) &&
    entries.every((entry, i) => equalHashes(leafHash(entry), signed[i]))
  );
}

async function areSound() {
  for (let i = 0; i * HASH_BYTES < roots.length; i += 1) {
    const root = roots.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
    if (!(await isSound(first + i, root))) return false;
  }
  return true;
}

// Files that are missing or hold something else are for the main thread to explain.
parentPort.postMessage(await areSound().catch(() => false));
