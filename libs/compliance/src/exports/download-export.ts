import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog, OpenedLog } from '@castellan/audit';
import { ExportManifest } from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { ComplianceError } from '../compliance-error.js';
import { complianceEvents } from '../compliance-events.js';
import { exportArchive } from './export-archive.js';
import type { ExportRow } from './export-store.js';
import { exportRows } from './export-rows.js';
import { rowsToExport } from './run-export.js';

/** Hands a finished export out, after its download is recorded. */
@Injectable()
export class DownloadExport {
  constructor(
    private readonly log: OpenedLog,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
  ) {}

  async execute(actor: Actor, row: ExportRow): Promise<{ fileName: string; tar: Readable }> {
    const { manifest, sums, signature, sha256, checkpoint, sizeBytes, createdAt } = row;
    if (manifest === null || sums === null || signature === null || sha256 === null) {
      throw new ComplianceError('export_not_ready', {
        kind: 'conflict',
        publicDetail: `This export is ${row.state}; only a finished one can be downloaded.`,
      });
    }
    const { caPem } = await this.keybroker.trust();
    await this.audit.appendDurably(complianceEvents.exportDownloaded(actor, { ...row, sha256 }));
    const folder = `audit-${row.format}-${createdAt.toISOString().slice(0, 10)}-${row.id.slice(-8)}`;
    const { file } = ExportManifest.parse(JSON.parse(manifest)).rows;
    const pages = exportRows(this.log, rowsToExport(row));
    const rows = { file, sizeBytes: Number(sizeBytes), sha256, pages };
    const tar = exportArchive(folder, rows, { manifest, checkpoint, caPem, sums, signature }, createdAt);
    return { fileName: `${folder}.tar`, tar };
  }
}
