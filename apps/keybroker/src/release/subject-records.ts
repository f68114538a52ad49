import type { ManifestFile } from '@castellan/approval-policy';
import type { Database, Prisma } from '@castellan/database';
import { KeybrokerError } from '../keybroker-error.js';

/** A sealed file as the database lists it. */
export interface SealedFileRecord extends ManifestFile, SegmentRecord {
  /** The segments after the first, in order. */
  readonly further: readonly SegmentRecord[];
}

export interface SegmentRecord {
  readonly blobKey: string;
  readonly dataKeyId: string;
}

/** A finalised version as the database tells it: claims, all to be checked against digests and signatures. */
export interface VersionRecord {
  readonly id: string;
  readonly projectId: string;
  readonly organizationId: string;
  readonly manifest: string;
  readonly digest: string;
  readonly files: readonly SealedFileRecord[];
}

/** A dataset as the database tells it. */
export interface DatasetRecord {
  readonly id: string;
  readonly projectId: string;
  readonly organizationId: string;
  /** The dataset's document, as text. */
  readonly declaration: string;
  /** Present once the table is sealed. */
  readonly file?: SealedFileRecord;
}

/** Work on a dataset as the database tells it. */
export interface TaskRecord {
  readonly id: string;
  readonly dataset: DatasetRecord;
  /** The request, as text. */
  readonly request: string;
  /** Present once there is a result. Its path is not known here: it follows from the request. */
  readonly result?: Omit<SealedFileRecord, 'path'>;
}

export interface DataKeyRecord {
  readonly id: string;
  readonly kekId: string;
  readonly wrapped: Uint8Array;
  readonly destroyedAt: Date | null;
}

/** More decisions about one version than any review has; bounds what a hostile database can make us verify. */
const MAX_DECISIONS = 200;

/** What the broker reads of other contexts' rows. Nothing here is believed. */
export class SubjectRecords {
  constructor(private readonly database: Database) {}

  /** @throws KeybrokerError `version_unknown`, `version_not_finalized` */
  async version(id: string): Promise<VersionRecord> {
    const row = await this.database.client.version.findUnique({
      where: { id },
      include: { files: { include: { further: { orderBy: { startBytes: 'asc' } } } }, model: true },
    });
    if (row === null) throw unknown('version_unknown', 'There is no such version.');
    const { manifest, digest, files, model } = row;
    if (manifest === null || digest === null) {
      throw new KeybrokerError({
        code: 'version_not_finalized',
        kind: 'conflict',
        publicDetail: 'The version is not finalised: it has no digest yet.',
      });
    }
    const { projectId, organizationId } = model;
    const listed = files.map((file) => ({
      path: file.path,
      sizeBytes: Number(file.sizeBytes),
      sha256: file.sha256,
      blobKey: file.blobKey,
      dataKeyId: file.dataKeyId,
      further: file.further.map(({ blobKey, dataKeyId }) => ({ blobKey, dataKeyId })),
    }));
    return { id, projectId, organizationId, manifest, digest, files: listed };
  }

  /** @throws KeybrokerError `dataset_unknown` */
  async dataset(id: string): Promise<DatasetRecord> {
    const row = await this.database.client.dataset.findUnique({ where: { id } });
    if (row === null) throw unknown('dataset_unknown', 'There is no such dataset.');
    return datasetOf(row);
  }

  /** @throws KeybrokerError `task_unknown` */
  async task(id: string): Promise<TaskRecord> {
    const row = await this.database.client.datasetTask.findUnique({
      where: { id },
      include: { dataset: true },
    });
    if (row === null) throw unknown('task_unknown', 'There is no such task.');
    const { request, resultSha256, resultSizeBytes, resultBlobKey, resultDataKeyId } = row;
    const dataset = datasetOf(row.dataset);
    if (
      resultSha256 === null ||
      resultSizeBytes === null ||
      resultBlobKey === null ||
      resultDataKeyId === null
    )
      return { id, dataset, request };
    const sizeBytes = Number(resultSizeBytes);
    const stored = { blobKey: resultBlobKey, dataKeyId: resultDataKeyId, further: [] };
    const result = { sizeBytes, sha256: resultSha256, ...stored };
    return { id, dataset, request, result };
  }

  /** Envelopes, as text, that claim to be decisions about the version of this digest; newest first. */
  decisionsAbout(versionDigest: string): Promise<readonly string[]> {
    return this.#documents('approval', versionDigest);
  }

  /** The same about the request of this digest. */
  dataApprovalsOf(requestDigest: string): Promise<readonly string[]> {
    return this.#documents('data-approval', requestDigest);
  }

  /** Scan reports by digest, as text. Whoever reads one makes sure that it has that digest. */
  async scanReports(digests: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.client.scanReport.findMany({
      where: { digest: { in: [...digests] } },
      select: { digest: true, report: true },
    });
    return new Map(rows.map(({ digest, report }) => [digest, report]));
  }

  async #documents(kind: string, subject: string): Promise<readonly string[]> {
    const rows = await this.database.client.trustDocument.findMany({
      where: { kind, subject },
      orderBy: { createdAt: 'desc' },
      take: MAX_DECISIONS,
      select: { envelope: true },
    });
    return rows.map(({ envelope }) => envelope);
  }

  dataKeys(ids: readonly string[]): Promise<readonly DataKeyRecord[]> {
    return this.database.client.dataKey.findMany({ where: { id: { in: [...ids] } } });
  }
}

function datasetOf(row: Prisma.DatasetGetPayload<object>): DatasetRecord {
  const { id, projectId, organizationId, declaration, declarationDigest } = row;
  const { state, sha256, sizeBytes, blobKey, dataKeyId } = row;
  const known = { id, projectId, organizationId, declaration };
  if (state !== 'sealed' || sha256 === null || sizeBytes === null || blobKey === null || dataKeyId === null)
    return known;
  // A table is sealed under the name of its declaration.
  const path = `${declarationDigest}.csv`;
  return { ...known, file: { path, sizeBytes: Number(sizeBytes), sha256, blobKey, dataKeyId, further: [] } };
}

function unknown(
  code: 'version_unknown' | 'dataset_unknown' | 'task_unknown',
  publicDetail: string,
): KeybrokerError {
  return new KeybrokerError({ code, kind: 'not_found', publicDetail });
}
