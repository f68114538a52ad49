import { Injectable } from '@nestjs/common';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { DigestTree } from '@castellan/merkle-log';

const whole = {
  include: { segments: { orderBy: { startBytes: 'asc' } } },
} as const satisfies Prisma.UploadDefaultArgs;

export type UploadRow = Prisma.UploadGetPayload<typeof whole>;

export interface NewSegment {
  readonly startBytes: number;
  readonly sizeBytes: number;
  readonly blobKey: string;
  readonly dataKeyId: string;
}

/** Uploads that go on, and the segments recorded for them, as rows. */
@Injectable()
export class UploadStore {
  constructor(private readonly database: Database) {}

  begin(tx: Tx, data: { versionId: string; path: string; lengthBytes: number }): Promise<UploadRow> {
    const begun = { digestState: new Uint8Array(0), treeState: Uint8Array.from(new DigestTree().save()) };
    return tx.upload.create({ data: { ...data, ...begun }, ...whole });
  }

  find(versionId: string, id: string): Promise<UploadRow | null> {
    return this.database.client.upload.findUnique({ where: { id, versionId }, ...whole });
  }

  inTransaction(tx: Tx, id: string): Promise<UploadRow | null> {
    return tx.upload.findUnique({ where: { id }, ...whole });
  }

  ofPath(tx: Tx, versionId: string, path: string): Promise<UploadRow | null> {
    return tx.upload.findUnique({ where: { versionId_path: { versionId, path } }, ...whole });
  }

  unfinishedOf(versionId: string): Promise<UploadRow[]> {
    const where = { versionId, finishedAt: null };
    return this.database.client.upload.findMany({ where, orderBy: { path: 'asc' }, ...whole });
  }

  /** Adds a segment; the upload then reaches to its end. */
  async advance(
    tx: Tx,
    id: string,
    segment: NewSegment,
    digests?: { readonly state: Uint8Array; readonly treeState?: Uint8Array },
  ): Promise<UploadRow> {
    const { startBytes, sizeBytes, blobKey, dataKeyId } = segment;
    await tx.fileSegment.create({ data: { uploadId: id, startBytes, blobKey, dataKeyId } });
    return tx.upload.update({
      where: { id },
      data: {
        offsetBytes: startBytes + sizeBytes,
        digestState: Uint8Array.from(digests?.state ?? []),
        treeState: digests?.treeState === undefined ? null : Uint8Array.from(digests.treeState),
        touchedAt: new Date(),
      },
      ...whole,
    });
  }

  /** What it was is a file now. */
  async finish(tx: Tx, id: string): Promise<UploadRow> {
    const finishedAt = new Date();
    return tx.upload.update({
      where: { id },
      data: { finishedAt, digestState: new Uint8Array(0), treeState: null },
      ...whole,
    });
  }

  /** The rows of an upload that was given up. */
  async remove(tx: Tx, id: string): Promise<void> {
    await tx.fileSegment.deleteMany({ where: { uploadId: id } });
    await tx.upload.delete({ where: { id } });
  }

  /** Uploads that nobody has gone on with since, with their version. */
  async idleSince(limit: Date): Promise<{ id: string; versionId: string }[]> {
    return this.database.client.upload.findMany({
      where: { finishedAt: null, touchedAt: { lt: limit } },
      select: { id: true, versionId: true },
    });
  }
}
