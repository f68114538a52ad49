import { Injectable } from '@nestjs/common';

/** A protected table in this process's memory. */
export interface OpenedTable {
  readonly bytes: Uint8Array;
  /** Wipes the bytes. Called once, whatever happened. */
  dispose(): void;
}

/**
 * Opens a sealed dataset: gets its key released for the purpose `measure`, which is recorded before the key is given, and
 * unseals the table in memory.
 *
 * `path` is the path that the table must have been sealed under; a table sealed under another doesn't open.
 * Errors: what the release refuses with; a table that was changed, exchanged or is gone.
 */
@Injectable()
export abstract class DatasetKeys {
  abstract open(datasetId: string, path: string): Promise<OpenedTable>;
}
