import { type AuditFilter, openedEvent, type OpenedLog } from '@castellan/audit';
import type { ExportFormat } from '@castellan/contracts';
import { parseCheckpoint } from './parse-checkpoint.js';
import { rowFormats } from './formats/row-format.js';

const PAGE = 500;

export interface RowsToExport {
  readonly format: ExportFormat;
  readonly filter: AuditFilter;
  readonly treeSize: bigint;
  readonly checkpoint: string;
}

/** A page of rows as text, and the leaf below which nothing has been looked at yet. */
export interface ExportedPage {
  readonly text: string;
  readonly count: number;
  readonly before: bigint;
}

/**
 * The rows of an export, newest first: exactly what the search with this filter finds in the signed tree. Leaves don't
 * change, so a second run gives the same bytes, until payloads expire or somebody is erased.
 */
export async function* exportRows(
  log: Pick<OpenedLog, 'search'>,
  { format, filter, treeSize, checkpoint }: RowsToExport,
): AsyncGenerator<ExportedPage> {
  const { header, row } = rowFormats[format];
  const tree = parseCheckpoint(checkpoint);
  yield { text: header, count: 0, before: treeSize };
  let before: bigint | undefined = treeSize;
  while (before !== undefined && before > 0n) {
    const { records, next } = await log.search({ ...filter, before, limit: PAGE });
    const text = records.map((record) => row({ record, event: openedEvent(record), tree })).join('');
    before = next === undefined ? undefined : BigInt(next);
    yield { text, count: records.length, before: before ?? 0n };
  }
}
