// A thread of `verifyLogFolder`: checks full blocks of leaves against their roots, which the main thread has checked against
// the signed one. Answers whether all of them are sound but for payloads that are gone, which of these there are, and the
// entries that may say why; what differs and how is found by `verifyLog`.
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

const { folder, first, roots, expiryAction } = workerData;
const [empty, expiries] = [[], []];

async function isSound(index, root) {
  const [tile, bundle] = await Promise.all([
    readFile(join(folder, tilePath({ level: 0, index, width: TILE_WIDTH }))),
    readFile(join(folder, entryBundlePath({ index, width: TILE_WIDTH }))),
  ]);
  const signed = decodeTile(tile);
  const entries = decodeEntryBundle(bundle);
  const mayPermit = bundle.includes(expiryAction);
  return (
    signed.length === TILE_WIDTH &&
    entries.length === TILE_WIDTH &&
    equalHashes(rootOf(signed), root) &&
    entries.every((entry, i) => isSigned(entry, signed[i], index * TILE_WIDTH + i, mayPermit))
  );
}

function isSigned(entry, signed, index, mayPermit) {
  if (!equalHashes(leafHash(entry), signed)) return entry.length === 0 && empty.push(index) > 0;
  if (mayPermit && entry.includes(expiryAction)) expiries.push(entry);
  return true;
}

async function areSound() {
  for (let i = 0; i * HASH_BYTES < roots.length; i += 1) {
    const root = roots.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
    if (!(await isSound(first + i, root))) return false;
  }
  return true;
}

// Files that are missing or hold something else are for the main thread to explain.
const sound = await areSound().catch(() => false);
parentPort.postMessage({ sound, empty, expiries });
