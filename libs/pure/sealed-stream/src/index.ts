export { CHUNK_BYTES, plainSize, sealedSize } from './layout.js';
export { open } from './open.js';
export { seal } from './seal.js';
export { SealedReader, type SealedSource } from './sealed-reader.js';
export {
  SealedStreamError,
  type SealedStreamErrorCode,
  type UnsealingFailure,
} from './sealed-stream-error.js';
