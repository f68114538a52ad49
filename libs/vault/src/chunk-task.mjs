/**
 * Chunks that follow one another, sealed or opened where they lie, `first` being the number of the first; with `hashed`, the
 * leaves of their plaintext too. Plain JavaScript, because a thread starts from a file, whatever compiles the rest.
 */
import { leafHashes } from '@castellan/merkle-log/leaf-hashes';
import { openChunkInPlace, sealChunkInPlace } from '@castellan/sealed-stream/chunk-cipher';

const TAG_BYTES = 16;

export function doChunks({ task, chunkKey, first, chunks, hashed }) {
  const leaves = [];
  const genuine = chunks.every((chunk, turn) => {
    const take = () => hashed && leaves.push(leafHashes(chunk.subarray(0, chunk.byteLength - TAG_BYTES)));
    if (task === 'seal') {
      take();
      sealChunkInPlace(chunkKey, first + turn, chunk);
      return true;
    }
    if (!openChunkInPlace(chunkKey, first + turn, chunk)) return false;
    take();
    return true;
  });
  return { genuine, leaves };
}
