import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog, auditFilterOf, OpenedLog } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import { AuditConditions, ExportFormat, type ExportManifest } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { complianceEvents } from '../compliance-events.js';
import { archiveSums } from './export-archive.js';
import { type ExportRow, ExportStore } from './export-store.js';
import { exportRows, type RowsToExport } from './export-rows.js';
import { rowFormats } from './formats/row-format.js';
import { parseCheckpoint } from './parse-checkpoint.js';

/**
 * Reads what an export will hold, and has its digest signed. The rows are not kept: no copy of the log lies about, and a
 * download makes them again. Cancelling takes effect at the next page. Run again after a death, it starts from the newest.
 */
@Injectable()
export class RunExport {
  constructor(
    private readonly database: Database,
    private readonly exports: ExportStore,
    private readonly log: OpenedLog,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
  ) {}

  async execute(exportId: string, signal?: AbortSignal): Promise<void> {
    const row = await this.exports.byId(exportId);
    if (row === null || !['queued', 'running'].includes(row.state)) return;
    const read = await this.#read(row, signal);
    if (read === undefined) return;
    const file = `events.${rowFormats[ExportFormat.parse(row.format)].extension}`;
    const manifest = manifestOf(row, { file, ...read });
    const { caPem } = await this.keybroker.trust();
    const sums = archiveSums({ file, sha256: read.sha256 }, { manifest, checkpoint: row.checkpoint, caPem });
    const signature = await this.keybroker.signCms(Buffer.from(sums));
    await this.database.transaction(async (tx) => {
      const signed = { ...read, manifest, sums, signature, scanned: row.treeSize };
      if (!(await this.exports.finish(tx, exportId, signed))) return;
      await this.audit.append(tx, complianceEvents.exportSigned(row, read));
    });
  }

  /** `undefined` once nobody wants it any more. */
  async #read(
    row: ExportRow,
    signal: AbortSignal | undefined,
  ): Promise<{ rows: bigint; sizeBytes: bigint; sha256: string } | undefined> {
    const hash = createHash('sha256');
    let [rows, sizeBytes] = [0n, 0n];
    for await (const page of exportRows(this.log, rowsToExport(row))) {
      signal?.throwIfAborted();
      const bytes = Buffer.from(page.text);
      hash.update(bytes);
      rows += BigInt(page.count);
      sizeBytes += BigInt(bytes.length);
      if (!(await this.exports.progress(row.id, { scanned: row.treeSize - page.before, rows })))
        return undefined;
    }
    return { rows, sizeBytes, sha256: hash.digest('hex') };
  }
}

/** What the row says is to be exported. */
export function rowsToExport(row: ExportRow): RowsToExport {
  const { treeSize, checkpoint, organizationId } = row;
  const filter = auditFilterOf(AuditConditions.parse(row.filter), organizationId);
  return { format: ExportFormat.parse(row.format), filter, treeSize, checkpoint };
}

function manifestOf(row: ExportRow, read: { file: string; rows: bigint; sha256: string }): string {
  const { origin } = parseCheckpoint(row.checkpoint);
  return canonicalize({
    format: 'castellan.audit-export/v1',
    rows: {
      file: read.file,
      format: ExportFormat.parse(row.format),
      count: String(read.rows),
      sha256: read.sha256,
    },
    organization: row.organizationId,
    filter: JSON.parse(JSON.stringify(row.filter)),
    requestedBy: row.requestedById,
    logOrigin: origin,
    treeSize: String(row.treeSize),
    exportedAt: row.createdAt.toISOString(),
  } satisfies ExportManifest);
}
