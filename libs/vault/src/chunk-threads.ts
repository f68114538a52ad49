import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { openChunkInPlace, sealChunkInPlace, type ChunkKey } from '@castellan/sealed-stream';

/** More don't help one file: the disk or the digest is slower then. */
const MAX_THREADS = 4;
/** Less takes longer to hand over than to do. */
const ON_THE_SPOT_BYTES = 256 * 1024;

/** Chunks that follow one another, to be sealed or opened where they lie. */
export interface ChunkWork {
  readonly task: 'seal' | 'open';
  readonly chunkKey: ChunkKey;
  /** The number of the first. */
  readonly first: number;
  /** In shared memory, with the tag or the room for it at the end of each. */
  readonly chunks: readonly Uint8Array<SharedArrayBuffer>[];
}

/**
 * The process's threads for sealing and opening: started at the first need, kept for the next, and no reason for the process to
 * stay alive while there is nothing to do.
 */
const threads: ChunkThread[] = [];

/**
 * Seals or opens chunks where they lie, on another thread; calls go on at the same time. Whether all were genuine: always,
 * after sealing. Fails with what ends the thread, if anything does.
 */
export async function workOnChunks(work: ChunkWork): Promise<boolean> {
  const sizeBytes = work.chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return sizeBytes < ON_THE_SPOT_BYTES ? doOnTheSpot(work) : leastBusy().run(work);
}

function leastBusy(): ChunkThread {
  const idle = threads.find(({ load }) => load === 0);
  if (idle !== undefined) return idle;
  if (threads.length < Math.min(MAX_THREADS, availableParallelism())) {
    const started = new ChunkThread(() => threads.splice(threads.indexOf(started), 1));
    threads.push(started);
    return started;
  }
  return threads.reduce((least, thread) => (thread.load < least.load ? thread : least));
}

function doOnTheSpot({ task, chunkKey, first, chunks }: ChunkWork): boolean {
  return chunks.every((chunk, turn) => {
    if (task === 'open') return openChunkInPlace(chunkKey, first + turn, chunk);
    sealChunkInPlace(chunkKey, first + turn, chunk);
    return true;
  });
}

interface Answer {
  readonly id: number;
  readonly genuine: boolean;
}

class ChunkThread {
  readonly #worker = new Worker(new URL('./chunk-thread-main.mjs', import.meta.url), { execArgv: [] });
  readonly #waiting = new Map<number, PromiseWithResolvers<boolean>>();
  #lastId = 0;
  #ended = false;

  constructor(private readonly onEnd: () => void) {
    this.#worker.on('message', (answer: Answer) => this.#hear(answer));
    this.#worker.on('error', (cause: Error) => this.#end(cause));
    this.#worker.on('exit', () => this.#end(new Error('a sealing thread ended')));
    this.#worker.unref();
  }

  get load(): number {
    return this.#waiting.size;
  }

  run(work: ChunkWork): Promise<boolean> {
    const waiting = Promise.withResolvers<boolean>();
    this.#waiting.set(++this.#lastId, waiting);
    this.#worker.ref();
    this.#worker.postMessage({ id: this.#lastId, ...work });
    return waiting.promise;
  }

  #hear({ id, genuine }: Answer): void {
    this.#waiting.get(id)?.resolve(genuine);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
  }

  #end(cause: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
  }
}
