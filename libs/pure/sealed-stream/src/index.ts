export { copyInto, openChunkInPlace, sealChunkInPlace, type ChunkKey } from './chunk-cipher.mjs';
export {
  CHUNK_BYTES,
  chunkOffset,
  HEADER_BYTES,
  plainSize,
  SEALED_CHUNK_BYTES,
  sealedSize,
  TAG_BYTES,
} from './layout.js';
export { open } from './open.js';
export { seal } from './seal.js';
export { SealedReader, type SealedSource } from './sealed-reader.js';
export {
  SealedStreamError,
  type SealedStreamErrorCode,
  type UnsealingFailure,
} from './sealed-stream-error.js';
export { StreamKey } from './stream-key.js';
