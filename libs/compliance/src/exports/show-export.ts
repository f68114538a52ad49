import { AuditConditions, type AuditExport, ExportFormat } from '@castellan/contracts';
import type { ExportRow } from './export-store.js';

export function showExport(row: ExportRow): AuditExport {
  return {
    id: row.id,
    format: ExportFormat.parse(row.format),
    filter: AuditConditions.parse(row.filter),
    requestedBy: row.requestedBy,
    state: row.state as AuditExport['state'],
    treeSize: String(row.treeSize),
    scanned: String(row.scanned),
    rows: String(row.rows),
    sizeBytes: String(row.sizeBytes),
    ...(row.sha256 === null ? {} : { sha256: row.sha256 }),
    ...(row.failure === null ? {} : { failure: row.failure }),
    createdAt: row.createdAt.toISOString(),
    ...(row.finishedAt === null ? {} : { finishedAt: row.finishedAt.toISOString() }),
  };
}
