import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { doChunks, type ChunksDone, type ChunkWork } from './chunk-task.mjs';

/** More don't help one file: the disk or the digest is slower then. */
const MAX_THREADS = 4;
/** Less takes longer to hand over than to do. */
const ON_THE_SPOT_BYTES = 256 * 1024;

/**
 * The process's threads for sealing and opening: started at the first need, kept for the next, and no reason for the process to
 * stay alive while there is nothing to do.
 */
const threads: ChunkThread[] = [];

/**
 * Seals or opens chunks where they lie, on another thread; calls go on at the same time. Fails with what ends the
 * thread, if anything does.
 */
export async function workOnChunks(work: ChunkWork): Promise<ChunksDone> {
  const sizeBytes = work.chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return sizeBytes < ON_THE_SPOT_BYTES ? doChunks(work) : leastBusy().run(work);
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

interface Answer extends ChunksDone {
  readonly id: number;
}

class ChunkThread {
  readonly #worker = new Worker(new URL('./chunk-thread-main.mjs', import.meta.url), { execArgv: [] });
  readonly #waiting = new Map<number, PromiseWithResolvers<ChunksDone>>();
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

  run(work: ChunkWork): Promise<ChunksDone> {
    const waiting = Promise.withResolvers<ChunksDone>();
    this.#waiting.set(++this.#lastId, waiting);
    this.#worker.ref();
    this.#worker.postMessage({ id: this.#lastId, ...work });
    return waiting.promise;
  }

  #hear({ id, ...done }: Answer): void {
    this.#waiting.get(id)?.resolve(done);
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
