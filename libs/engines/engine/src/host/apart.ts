import { type MessagePort, Worker } from 'node:worker_threads';

export interface Apart {
  /** The module that the thread runs: it finds the task in `workerData` and posts one answer. */
  readonly entry: URL;
  readonly task: unknown;
  /** Bytes in the task whose memory moves into the thread, which is then to overwrite it. */
  readonly moved: Iterable<Uint8Array<ArrayBuffer>>;
  /** Ports in the task, by which the thread asks for more. */
  readonly ports?: readonly MessagePort[];
  /** Heap of the thread in MiB; absent, what the process may have. */
  readonly heapMb?: number;
  /** In milliseconds; absent, as long as it takes. */
  readonly timeLimit?: number;
}

/**
 * One task in a thread of its own with an empty environment. What a hostile file does to a parser (a loop without end, all
 * the heap, a crash of a library in WebAssembly) happens beside the rest of the process, and the library's memory goes
 * with the thread.
 * @throws when the thread ends without an answer, or is ended because its time is up
 */
export async function apart<Answer>({
  entry,
  task,
  moved,
  ports = [],
  heapMb,
  timeLimit,
}: Apart): Promise<Answer> {
  const thread = new Worker(entry, {
    workerData: task,
    transferList: [...new Set(Array.from(moved, ({ buffer }) => buffer)), ...ports],
    env: {},
    name: 'apart',
    ...(heapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMb } }),
  });
  const clock = timeLimit === undefined ? undefined : setTimeout(() => void thread.terminate(), timeLimit);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', () => reject(new Error('the thread ended, or its time was up')));
    });
  } finally {
    clearTimeout(clock);
    await thread.terminate();
  }
}
