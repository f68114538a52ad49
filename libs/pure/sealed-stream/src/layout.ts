import { SealedStreamError, unsealingFailed } from './sealed-stream-error.js';

/** Plaintext bytes in every chunk but the last, which is shorter (0 to CHUNK_BYTES - 1). */
export const CHUNK_BYTES = 1024 * 1024;
export const TAG_BYTES = 16;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

export const SALT_BYTES = 24;
export const COMMITMENT_BYTES = 32;
export const HEADER_BYTES = SALT_BYTES + COMMITMENT_BYTES;

/** Chunk numbers are 32 bits wide: 4 PiB of plaintext. */
export const MAX_CHUNKS = 2 ** 32;

/** The length of the sealed object, from the length of the plaintext; both in bytes. Fails with `object_too_large`. */
export function sealedSize(plainBytes: number): number {
  const fullChunks = Math.floor(plainBytes / CHUNK_BYTES);
  if (fullChunks >= MAX_CHUNKS) throw new SealedStreamError('object_too_large');
  return HEADER_BYTES + plainBytes + (fullChunks + 1) * TAG_BYTES;
}

/**
 * The length of the plaintext, from the length of the sealed object. Fails with `unsealing_failed` where no object has
 * that length. It says nothing about whether the object is genuine: the last chunk must be opened to know.
 */
export function plainSize(sealedBytes: number): number {
  const chunkBytes = sealedBytes - HEADER_BYTES;
  const fullChunks = Math.max(0, Math.floor(chunkBytes / SEALED_CHUNK_BYTES));
  const lastChunkBytes = chunkBytes - fullChunks * SEALED_CHUNK_BYTES - TAG_BYTES;
  if (lastChunkBytes < 0 || fullChunks >= MAX_CHUNKS) throw unsealingFailed('truncated');
  return fullChunks * CHUNK_BYTES + lastChunkBytes;
}

/** Where a sealed chunk starts in the object. */
export function chunkOffset(index: number): number {
  return HEADER_BYTES + index * SEALED_CHUNK_BYTES;
}
