import { Injectable } from '@nestjs/common';
import type { ManifestFile, Stage, Verdict } from '@castellan/contracts';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { RegistryError } from '../registry-error.js';
import { isRowId } from '../row-id.js';

const whole = {
  include: {
    model: { include: { project: true } },
    files: { orderBy: { path: 'asc' }, include: { further: true } },
    uploads: { include: { segments: true } },
    scanReports: { orderBy: { createdAt: 'desc' }, take: 1 },
  },
} as const satisfies Prisma.VersionDefaultArgs;

export type VersionRow = Prisma.VersionGetPayload<typeof whole>;

export interface StoredFile extends ManifestFile {
  readonly blobKey: string;
  readonly dataKeyId: string;
}

/** Versions, their files and scan reports as rows. */
@Injectable()
export class VersionStore {
  constructor(private readonly database: Database) {}

  /** Numbers are handed out one after another: concurrent starts wait on the model's row. */
  async start(tx: Tx, data: { modelId: string; authorId: string; authorName: string }): Promise<VersionRow> {
    await tx.$queryRaw`SELECT id FROM "Model" WHERE id = ${data.modelId} FOR UPDATE`;
    const { _max } = await tx.version.aggregate({ where: { modelId: data.modelId }, _max: { number: true } });
    return tx.version.create({
      data: { ...data, number: (_max.number ?? 0) + 1, stage: 'uploading' },
      ...whole,
    });
  }

  /** Locks the version against every other change until the transaction ends. @throws version_not_uploading */
  async lockUploading(tx: Tx, id: string): Promise<VersionRow> {
    await tx.$queryRaw`SELECT id FROM "Version" WHERE id = ${id} FOR UPDATE`;
    const version = await tx.version.findUnique({ where: { id }, ...whole });
    if (version?.stage !== 'uploading') throw notUploading(version?.stage);
    return version;
  }

  /**
   * Records a stored file, with its further segments where an upload has them; one that stood at the same path before is
   * replaced, and its blob keys returned.
   */
  async putFile(tx: Tx, versionId: string, file: StoredFile, uploadId?: string): Promise<string[]> {
    const where = { versionId_path: { versionId, path: file.path } };
    const previous = await tx.versionFile.findUnique({ where, include: { further: true } });
    const row = { sha256Tree: null, ...file };
    const { id } = await tx.versionFile.upsert({ where, create: { versionId, ...row }, update: row });
    await tx.fileSegment.deleteMany({ where: { fileId: id } });
    if (uploadId !== undefined) {
      const further = { uploadId, startBytes: { gt: 0 } };
      await tx.fileSegment.updateMany({ where: further, data: { uploadId: null, fileId: id } });
      await tx.fileSegment.deleteMany({ where: { uploadId } });
    }
    await this.touch(tx, versionId);
    return previous === null ? [] : blobsOf(previous);
  }

  /** Something came in for it. */
  async touch(tx: Tx, id: string): Promise<void> {
    await tx.version.update({ where: { id }, data: { activeAt: new Date() } });
  }

  async finalize(
    tx: Tx,
    id: string,
    sealed: { manifest: string; digest: string; finalizedAt: Date },
  ): Promise<VersionRow> {
    await tx.upload.deleteMany({ where: { versionId: id } });
    return tx.version.update({ where: { id }, data: { ...sealed, stage: 'quarantined' }, ...whole });
  }

  async abandon(tx: Tx, id: string): Promise<void> {
    const ofVersion = [{ upload: { is: { versionId: id } } }, { file: { is: { versionId: id } } }];
    await tx.fileSegment.deleteMany({ where: { OR: ofVersion } });
    await tx.upload.deleteMany({ where: { versionId: id } });
    await tx.versionFile.deleteMany({ where: { versionId: id } });
    await tx.version.delete({ where: { id } });
  }

  /** Locks a version for its scan report; false when another scan was first. */
  async lockQuarantined(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.$queryRaw<
      { stage: string }[]
    >`SELECT stage FROM "Version" WHERE id = ${id} FOR UPDATE`;
    return rows[0]?.stage === 'quarantined';
  }

  async recordScan(
    tx: Tx,
    versionId: string,
    scan: { report: string; digest: string; verdict: Verdict; format: string; stage: Stage },
  ): Promise<void> {
    const { report, digest, verdict, format, stage } = scan;
    await tx.scanReport.create({ data: { versionId, report, digest, verdict } });
    await tx.version.update({ where: { id: versionId }, data: { stage, format } });
  }

  /** Finalised versions that no scan has judged yet, oldest first. */
  async awaitingScan(): Promise<string[]> {
    const rows = await this.database.client.version.findMany({
      where: { stage: 'quarantined' },
      orderBy: { finalizedAt: 'asc' },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  }

  /** Versions still open for upload for which nothing has come in since. */
  async idleSince(limit: Date): Promise<string[]> {
    const where = { stage: 'uploading', activeAt: { lt: limit } };
    return (await this.database.client.version.findMany({ where, select: { id: true } })).map(({ id }) => id);
  }

  inTransaction(tx: Tx, id: string): Promise<VersionRow> {
    return tx.version.findUniqueOrThrow({ where: { id }, ...whole });
  }

  byId(id: string): Promise<VersionRow | null> {
    return this.database.client.version.findUnique({ where: { id }, ...whole });
  }

  byDigest(organizationId: string, digest: string): Promise<VersionRow | null> {
    return this.database.client.version.findFirst({ where: { digest, model: { organizationId } }, ...whole });
  }

  visibleOfModel(visible: Prisma.VersionWhereInput, modelId: string): Promise<VersionRow[]> {
    return this.database.client.version.findMany({
      where: { AND: [visible, { modelId }] },
      orderBy: { number: 'desc' },
      ...whole,
    });
  }

  /** `ref`: a version id, or `model@number`. */
  visibleByRef(visible: Prisma.VersionWhereInput, ref: string): Promise<VersionRow | null> {
    const named = versionRef(ref);
    if (named === undefined) return Promise.resolve(null);
    return this.database.client.version.findFirst({ where: { AND: [visible, named] }, ...whole });
  }
}

interface NamesBlobs {
  readonly blobKey: string;
  readonly dataKeyId: string;
}

function blobsOf(file: NamesBlobs & { readonly further: readonly NamesBlobs[] }): string[] {
  return [file, ...file.further].map(({ blobKey }) => blobKey);
}

/** Everything that is stored for a version: finished files, and the segments of those still coming in. */
export function storedFor({ files, uploads }: VersionRow): NamesBlobs[] {
  return [
    ...files.flatMap(({ further, ...first }) => [first, ...further]),
    ...uploads.flatMap(({ segments }) => segments),
  ];
}

function versionRef(ref: string): Prisma.VersionWhereInput | undefined {
  if (isRowId(ref)) return { id: ref };
  const [, name, number] = /^([^@]+)@(\d{1,9})$/.exec(ref) ?? [];
  return name === undefined ? undefined : { model: { is: { name } }, number: Number(number) };
}

function notUploading(stage: string | undefined): RegistryError {
  return stage === undefined
    ? new RegistryError('version_unknown', {
        kind: 'not_found',
        publicDetail: 'There is no such version.',
      })
    : new RegistryError('version_not_uploading', {
        kind: 'conflict',
        publicDetail: `This version is ${stage}; its files can no longer change. Publish a new version instead.`,
      });
}
