import { extname } from 'node:path';
import { apart, movable } from '@castellan/engine';
import type { ProtectedTable } from './protected-table.js';
import { tableMalformed } from './table-malformed.js';

export interface CheckingTask {
  readonly bytes: Uint8Array;
  readonly table: ProtectedTable;
}

/** What a thread says of a table: nothing, or why it is none. */
export interface Checking {
  readonly malformed?: string;
}

export interface Patience {
  /** Heap of the thread, in MiB: where a parser that was led to take all the memory ends. */
  readonly heapMb: number;
  /** In milliseconds: where one that was led into a loop ends. */
  readonly timeLimit: number;
}

const PATIENCE: Patience = { heapMb: 2_048, timeLimit: 15 * 60_000 };

/**
 * Reads every record of a complete Parquet file in a thread of its own, so that whoever takes it in goes on meanwhile, and a file
 * that its reader loops or dies over ends that thread and nothing else. The bytes move there and are overwritten.
 * @throws table_malformed
 */
export async function checkApart(
  bytes: Uint8Array,
  table: ProtectedTable,
  { heapMb, timeLimit }: Patience = PATIENCE,
): Promise<void> {
  const owned = movable(bytes);
  const entry = new URL(`./checking-thread${extname(import.meta.url)}`, import.meta.url);
  const task: CheckingTask = { bytes: owned, table };
  const { malformed } = await apart<Checking>({ entry, task, moved: [owned], heapMb, timeLimit }).catch(
    (cause: unknown) => {
      throw tableMalformed(
        'The table could not be read to its end: it takes more time or memory than a table of its size may.',
        cause,
      );
    },
  );
  if (malformed !== undefined) throw tableMalformed(malformed);
}
