import type { KeyObject } from 'node:crypto';

/** What a thread needs of a stream's key. It crosses threads by `postMessage`. */
export interface ChunkKey {
  readonly key: KeyObject;
  readonly baseNonce: Uint8Array;
}

export function sealChunkInPlace(chunkKey: ChunkKey, index: number, block: Uint8Array): void;
export function openChunkInPlace(chunkKey: ChunkKey, index: number, block: Uint8Array): boolean;
/** Copies all of `source` to `at`; fast in shared memory too. */
export function copyInto(target: Uint8Array, at: number, source: Buffer): void;
