import type { Part } from './sliding-counts.js';
import { nothingKnown, type UsualLevel } from './usual-level.js';

/** What is remembered of one subject under one rule. */
export interface SubjectMemory {
  parts: Part[];
  /** The last leaves that were counted: index and time. */
  leaves: [index: string, timeMs: number][];
  /** The aligned window that is being counted for what is usual: its number and total. */
  window: number;
  total: number;
  usual: UsualLevel;
  /** When alarms were raised last. */
  raised: number[];
  /** The last ones, oldest first. */
  words: Set<string>;
  firstMs: number;
  /** The first days are over for good. */
  settled: boolean;
  whole: number;
}

/** The same as JSON. */
export type StoredMemory = Omit<SubjectMemory, 'words'> & { readonly words: readonly string[] };

const newMemory = (timeMs: number): SubjectMemory => ({
  parts: [],
  leaves: [],
  window: -1,
  total: 0,
  usual: nothingKnown,
  raised: [],
  words: new Set(),
  firstMs: timeMs,
  settled: false,
  whole: 0,
});

/** The memories of one rule: of the subjects that were seen last, so that a flood of invented ones takes no more memory. */
export class SubjectMemories {
  readonly #memories: Map<string, SubjectMemory>;

  constructor(
    private readonly most: number,
    memories: readonly (readonly [string, StoredMemory])[] = [],
  ) {
    this.#memories = new Map(
      memories.map(([key, memory]) => [key, { ...memory, words: new Set(memory.words) }]),
    );
  }

  of(key: string, timeMs: number): SubjectMemory {
    const memory = this.#memories.get(key) ?? newMemory(timeMs);
    this.#memories.delete(key);
    this.#memories.set(key, memory);
    const [oldest] = this.#memories.keys();
    if (this.#memories.size > this.most && oldest !== undefined) this.#memories.delete(oldest);
    return memory;
  }

  /** Forgets every subject whose key names this. */
  forget(id: string): void {
    const named = JSON.stringify(id);
    for (const key of this.#memories.keys()) if (key.includes(named)) this.#memories.delete(key);
  }

  entries(): [string, StoredMemory][] {
    return [...this.#memories].map(([key, memory]) => [key, { ...memory, words: [...memory.words] }]);
  }
}
