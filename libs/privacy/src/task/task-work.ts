import type {
  DataRequestBody,
  DataRequestKind,
  DatasetClassification,
  TaskSummary,
} from '@castellan/contracts';
import type { ProtectedTable } from '../declaration/protected-table.js';
import type { TaskProgress } from './task-progress.js';

/** Requests that somebody has to read the table for. */
export type WorkKind = Exclude<DataRequestKind, 'budget' | 'lower' | 'pipeline'>;

export type WorkSummary = Exclude<TaskSummary, { kind: 'budget' | 'lower' | 'pipeline' }>;

/** What a task works on: a protected table, in the memory of this process. */
export interface OpenedForWork {
  readonly table: ProtectedTable;
  /** CSV, as it was sealed. */
  readonly bytes: Uint8Array;
  readonly request: DataRequestBody;
  /** What a steward has confirmed that the columns hold. */
  readonly classification: Pick<DatasetClassification, 'columns'> | undefined;
  readonly progress: TaskProgress;
  /** What was asked with the request of this digest, about this table or another; undefined where there is none. */
  requestOf(digest: string): Promise<DataRequestBody | undefined>;
  /** Secrets that belong to this dataset: the same for the same label, and to be had only with its key. */
  derive(label: string, lengthBytes: number): Buffer;
}

export interface FinishedWork {
  /** Leaves: kinds, tenths and achieved gates. Never a value. */
  readonly summary: WorkSummary;
  /** Is sealed as it comes. */
  readonly result: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** One kind of work, and how often it reads the table. What it throws as a PrivacyError of kind `invalid` or `conflict` refuses the task, in its words. */
export type TaskWork = (opened: OpenedForWork) => Promise<FinishedWork>;
