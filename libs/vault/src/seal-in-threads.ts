import type { DigestTree } from '@castellan/merkle-log';
import type { StreamKey } from '@castellan/sealed-stream';
import { type ChunkRun, ChunkRuns, RUN_CHUNKS, RUNS_AHEAD } from './chunk-run.js';
import { workOnChunks } from './chunk-threads.js';
import type { Sha256Stream } from './sha256-stream.js';

/** What is taken of a file while it is sealed. */
export interface DigestsToTake {
  readonly sha256: Sha256Stream;
  /** Absent: none is wanted. */
  readonly tree?: DigestTree;
}

/** What the store holds of the pieces it was given: the last two. */
const RUNS_LENT = 2;

/**
 * `seal` of the sealed stream on all cores: each run of chunks is hashed and then sealed where it lies, on other threads, while
 * the next ones are gathered. The object is the same as from one thread.
 *
 * A piece it yields stays as it is until the next but one is asked for. Memory: RUNS_AHEAD + RUNS_LENT runs, left without plaintext.
 * Fails with whatever the source throws, `object_too_large`, or what ends a thread; the object is incomplete then.
 */
export async function* sealInThreads(
  key: StreamKey,
  source: AsyncIterable<Uint8Array>,
  { sha256, tree }: DigestsToTake,
): AsyncGenerator<Uint8Array, void, undefined> {
  const runs = new ChunkRuns(RUNS_AHEAD + RUNS_LENT);
  const underWay: Promise<ChunkRun>[] = [];
  const lent: ChunkRun[] = [];
  async function* finished(ahead: number) {
    while (underWay.length > ahead) {
      const run = await underWay.shift();
      if (run === undefined) return;
      yield run.sealed;
      lent.push(run);
      if (lent.length >= RUNS_LENT) runs.giveBack(lent.shift() ?? run);
    }
  }
  let first = 0;
  let complete = false;
  let before: Promise<unknown> = Promise.resolve();
  const sealed = async (run: ChunkRun, number: number) => {
    const inOrder = before;
    const work = { task: 'seal', chunkKey: key.chunkKey, first: number, chunks: run.chunks } as const;
    await sha256.add(run.plaintext);
    const { leaves } = await workOnChunks({ ...work, hashed: tree !== undefined });
    await inOrder;
    tree?.add(leaves);
    return run;
  };
  try {
    yield key.header;
    for await (const run of gathered(source, runs)) {
      const work = sealed(run, first);
      work.catch(() => undefined);
      before = work;
      underWay.push(work);
      first += RUN_CHUNKS;
      yield* finished(RUNS_AHEAD - 1);
    }
    yield* finished(0);
    complete = true;
  } finally {
    await Promise.allSettled(underWay);
    // What is complete is ciphertext, and the store may still be at its end.
    if (!complete) runs.wipe();
  }
}

/** The source in runs: full ones, and at the end one that isn't. */
async function* gathered(source: AsyncIterable<Uint8Array>, runs: ChunkRuns) {
  let run = await runs.take();
  for await (const piece of source) {
    for (let done = 0; done < piece.byteLength;) {
      if (run.isFull) {
        yield run;
        run = await runs.take();
      }
      done += run.add(piece.subarray(done));
    }
  }
  if (run.isFull) {
    yield run;
    run = await runs.take();
  }
  yield run;
}
