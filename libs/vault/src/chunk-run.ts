import { CHUNK_BYTES, copyInto, SEALED_CHUNK_BYTES, TAG_BYTES } from '@castellan/sealed-stream';

/** Enough work to be worth a message to another thread. */
export const RUN_CHUNKS = 4;
/** How many runs of a file are worked on at once: each thread has one to do and one waiting. */
export const RUNS_AHEAD = 4;
export const RUN_PLAIN_BYTES = RUN_CHUNKS * CHUNK_BYTES;

/** V8 fills shared memory with a number byte by byte; with bytes of a Buffer, Node does it at once. */
const NOUGHT = Buffer.alloc(1);

/** Chunks that follow one another, in shared memory, as they lie in the object: each plaintext with its tag, or the room for it, after it. */
export class ChunkRun {
  readonly #memory = Buffer.from(new SharedArrayBuffer(RUN_CHUNKS * SEALED_CHUNK_BYTES));
  #plainBytes = 0;
  #usedBytes = 0;

  get plainBytes(): number {
    return this.#plainBytes;
  }

  get isFull(): boolean {
    return this.#plainBytes === RUN_PLAIN_BYTES;
  }

  /** Takes as much of a piece as there is room for, and says how much that is. */
  add(piece: Uint8Array): number {
    const inChunk = this.#plainBytes % CHUNK_BYTES;
    if (this.isFull) return 0;
    const partBytes = Math.min(piece.byteLength, CHUNK_BYTES - inChunk);
    const at = Math.floor(this.#plainBytes / CHUNK_BYTES) * SEALED_CHUNK_BYTES + inChunk;
    copyInto(this.#memory, at, Buffer.from(piece.buffer, piece.byteOffset, partBytes));
    this.#plainBytes += partBytes;
    return partBytes;
  }

  /** Makes room for chunks of so much plaintext together. */
  reset(plainBytes: number): void {
    this.#usedBytes = Math.max(this.#usedBytes, this.sealed.byteLength);
    this.#plainBytes = plainBytes;
  }

  /** All of it, as it lies in the object. */
  get sealed(): Buffer<SharedArrayBuffer> {
    const tags = this.#chunkCount * TAG_BYTES;
    return this.#memory.subarray(0, this.#plainBytes + tags);
  }

  /** Copies the plaintext to where it belongs, and says how much that is. `Buffer.copy` is fast where it is told what to copy. */
  copyPlaintext(target: Buffer, at: number): number {
    let copied = 0;
    for (let chunk = 0; chunk < this.#chunkCount; chunk++) {
      const start = chunk * SEALED_CHUNK_BYTES;
      const end = start + Math.min(CHUNK_BYTES, this.#plainBytes - copied);
      copied += this.#memory.copy(target, at + copied, start, end);
    }
    return copied;
  }

  get chunks(): Buffer<SharedArrayBuffer>[] {
    return this.#views(TAG_BYTES);
  }

  get plaintext(): Buffer<SharedArrayBuffer>[] {
    return this.#views(0);
  }

  wipe(): void {
    this.reset(0);
    this.#memory.fill(NOUGHT, 0, this.#usedBytes);
  }

  /** A run that isn't full ends with the object's last chunk, which is shorter than the others and may be empty. */
  get #chunkCount(): number {
    return this.isFull ? RUN_CHUNKS : Math.floor(this.#plainBytes / CHUNK_BYTES) + 1;
  }

  #views(moreBytes: number): Buffer<SharedArrayBuffer>[] {
    return Array.from({ length: this.#chunkCount }, (_, turn) => {
      const start = turn * SEALED_CHUNK_BYTES;
      const plainBytes = Math.min(CHUNK_BYTES, this.#plainBytes - turn * CHUNK_BYTES);
      return this.#memory.subarray(start, start + plainBytes + moreBytes);
    });
  }
}

/** A bounded number of runs, used again and again. Memory: `limit` × RUN_CHUNKS chunks. */
export class ChunkRuns {
  readonly #all: ChunkRun[] = [];
  readonly #free: ChunkRun[] = [];
  readonly #wanted: ((run: ChunkRun) => void)[] = [];

  constructor(private readonly limit: number) {}

  /** A run to use until it is given back. Waits while all are in use. */
  async take(plainBytes = 0): Promise<ChunkRun> {
    const run =
      this.#free.pop() ??
      this.#fresh() ??
      (await new Promise<ChunkRun>((resolve) => this.#wanted.push(resolve)));
    run.reset(plainBytes);
    return run;
  }

  giveBack(run: ChunkRun): void {
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#free.push(run);
    else wanted(run);
  }

  /** Only when nobody works on any of them. */
  wipe(): void {
    for (const run of this.#all) run.wipe();
  }

  #fresh(): ChunkRun | undefined {
    if (this.#all.length >= this.limit) return undefined;
    const run = new ChunkRun();
    this.#all.push(run);
    return run;
  }
}
