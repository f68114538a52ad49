import type { ManifestFile } from '@castellan/approval-policy';
import type { Database } from '@castellan/database';
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
  /** Present once the table is sealed. */
  readonly file?: SealedFileRecord;
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
    const { projectId, organizationId, declarationDigest, state, sha256, sizeBytes, blobKey, dataKeyId } =
      row;
    if (
      state !== 'sealed' ||
      sha256 === null ||
      sizeBytes === null ||
      blobKey === null ||
      dataKeyId === null
    ) {
      return { id, projectId, organizationId };
    }
    // A table is sealed under the name of its declaration.
    const path = `${declarationDigest}.csv`;
    const file = { path, sizeBytes: Number(sizeBytes), sha256, blobKey, dataKeyId, further: [] };
    return { id, projectId, organizationId, file };
  }

  /** Envelopes, as text, that claim to be decisions about the version of this digest; newest first. */
  async decisionsAbout(versionDigest: string): Promise<readonly string[]> {
    const rows = await this.database.client.trustDocument.findMany({
      where: { kind: 'approval', subject: versionDigest },
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

function unknown(code: 'version_unknown' | 'dataset_unknown', publicDetail: string): KeybrokerError {
  return new KeybrokerError({ code, kind: 'not_found', publicDetail });
}
