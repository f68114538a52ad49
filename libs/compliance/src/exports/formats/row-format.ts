import type { AuditRecord, ExportFormat } from '@castellan/contracts';
import type { RecordedEvent } from '@castellan/audit';
import { cefRow } from './cef-row.js';
import { csvHeader, csvRow } from './csv-row.js';
import { jsonRow } from './json-row.js';
import { ocsfRow } from './ocsf-row.js';

/** The signed tree that a row's leaf belongs to. */
export interface CoveringTree {
  readonly origin: string;
  readonly size: string;
  /** Base64, as the checkpoint states it. */
  readonly root: string;
}

/** One leaf to be written: what the log serves of it, and the event read from it. */
export interface LeafToWrite {
  readonly record: AuditRecord;
  /** Absent for a leaf that is no event of ours; it is written all the same, with its text. */
  readonly event?: RecordedEvent | undefined;
  readonly tree: CoveringTree;
}

export interface RowFormat {
  readonly extension: string;
  readonly header: string;
  /** One line, its end included. Says leaf index, leaf hash and the covering tree, so that a row that is missing shows. */
  readonly row: (leaf: LeafToWrite) => string;
}

export const rowFormats: Readonly<Record<ExportFormat, RowFormat>> = {
  jsonl: { extension: 'jsonl', header: '', row: jsonRow },
  csv: { extension: 'csv', header: csvHeader, row: csvRow },
  ocsf: { extension: 'ocsf.jsonl', header: '', row: (leaf) => `${JSON.stringify(ocsfRow(leaf))}\n` },
  cef: { extension: 'cef', header: '', row: (leaf) => `${cefRow(leaf)}\n` },
};
