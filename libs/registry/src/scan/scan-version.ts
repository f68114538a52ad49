import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import type { ScanReport } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { registryEvents } from '../registry-events.js';
import { VersionStore } from '../versions/version-store.js';
import { VersionContents } from './version-contents.js';

/**
 * Scans a quarantined version: a clean one becomes a candidate for review, any other is rejected. The report is canonical
 * JSON; reviewers sign its digest. Scanning again what is scanned does nothing.
 */
@Injectable()
export class ScanVersion {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly contents: VersionContents,
    private readonly audit: AuditLog,
  ) {}

  async execute(versionId: string): Promise<void> {
    const version = await this.versions.byId(versionId);
    if (version?.stage !== 'quarantined' || version.digest === null) return;
    const inspected = await this.contents.inspect(versionId);
    const { format, verdict, findings, scannedFiles, digests, scanner } = inspected;
    const report = canonicalize({
      format: 'castellan.scan/v1',
      scanner,
      versionDigest: version.digest,
      detectedFormat: format,
      verdict,
      findings: findings.map(({ code, severity, path, detail }) => ({ code, severity, path, detail })),
      scannedFiles: [...scannedFiles],
      digests: [...digests],
      scannedAt: new Date().toISOString(),
    } satisfies ScanReport);
    const digest = createHash('sha256').update(report, 'utf8').digest('hex');
    const stage = verdict === 'clean' ? 'candidate' : 'rejected';
    await this.database.transaction(async (tx) => {
      if (!(await this.versions.lockQuarantined(tx, versionId))) return;
      await this.versions.recordScan(tx, versionId, { report, digest, verdict, format, stage });
      await this.audit.append(
        tx,
        registryEvents.versionScanned('jobs', version, { report: digest, verdict, stage }),
      );
    });
  }
}
