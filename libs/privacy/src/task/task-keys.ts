import { Injectable } from '@nestjs/common';
import type { OpenedTable } from '../measurement/dataset-keys.js';
import type { WorkKind } from './task-work.js';

/** A protected table in memory, and what only the holder of its key can make. */
export interface OpenedWithSecrets extends OpenedTable {
  derive(label: string, lengthBytes: number): Buffer;
}

/**
 * Opens the table that a task is about: gets its key released for the task's own purpose, which whoever holds the key judges
 * from the request and its signatures and records first.
 *
 * `path` is what the table must have been sealed under. Errors: what the release refuses with (`release_refused`, its
 * reasons in the detail); a table that was changed, exchanged or is gone.
 */
@Injectable()
export abstract class TaskKeys {
  abstract open(taskId: string, purpose: WorkKind, path: string): Promise<OpenedWithSecrets>;
}
