import { type ManifestFile, ScanReport, Stage, type Version } from '@castellan/contracts';
import type { VersionRow } from './version-store.js';

/** A version as the contract shows it. */
export function showVersion(row: VersionRow): Version {
  const scanned = row.scanReports[0];
  return {
    id: row.id,
    model: row.model.name,
    project: row.model.project.name,
    number: row.number,
    stage: Stage.parse(row.stage),
    author: row.authorName,
    files: row.files.map(showFile),
    createdAt: row.createdAt.toISOString(),
    ...(row.digest === null ? {} : { digest: row.digest }),
    ...(row.format === null ? {} : { format: row.format }),
    ...(row.finalizedAt === null ? {} : { finalizedAt: row.finalizedAt.toISOString() }),
    ...(scanned === undefined ? {} : { scan: showScan(scanned) }),
  };
}

/** A file as the manifest has it. */
export function showFile({ path, sizeBytes, sha256, sha256Tree }: VersionRow['files'][number]): ManifestFile {
  const file = { path, sizeBytes: Number(sizeBytes), sha256 };
  return sha256Tree === null ? file : { ...file, sha256Tree };
}

function showScan({ report, digest }: VersionRow['scanReports'][number]): NonNullable<Version['scan']> {
  const { verdict, findings } = ScanReport.parse(JSON.parse(report));
  return { digest, verdict, findings };
}
