import type { ChunkKey } from '@castellan/sealed-stream';

/** Chunks that follow one another, to be sealed or opened where they lie. */
export interface ChunkWork {
  readonly task: 'seal' | 'open';
  readonly chunkKey: ChunkKey;
  /** The number of the first. */
  readonly first: number;
  /** In shared memory, with the tag or the room for it at the end of each. */
  readonly chunks: readonly Uint8Array<SharedArrayBuffer>[];
  /** Whether the leaves of the plaintext are wanted too. */
  readonly hashed: boolean;
}

export interface ChunksDone {
  /** Always true after sealing. */
  readonly genuine: boolean;
  /** Of each chunk, in order; nothing where they weren't wanted. */
  readonly leaves: readonly Uint8Array[];
}

export function doChunks(work: ChunkWork): ChunksDone;
