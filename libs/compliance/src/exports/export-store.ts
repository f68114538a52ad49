import { Injectable } from '@nestjs/common';
import { Database, type Prisma, type Tx } from '@castellan/database';

export type ExportRow = Prisma.AuditExportGetPayload<object>;

/** What a finished export is signed over. */
export interface SignedRows {
  readonly rows: bigint;
  readonly sizeBytes: bigint;
  readonly sha256: string;
  readonly manifest: string;
  readonly sums: string;
  readonly signature: string;
}

const unfinished = ['queued', 'running'];

/** Exports as rows. An export that is finished, failed or cancelled never changes again. */
@Injectable()
export class ExportStore {
  constructor(private readonly database: Database) {}

  create(tx: Tx, data: Prisma.AuditExportUncheckedCreateInput): Promise<ExportRow> {
    return tx.auditExport.create({ data });
  }

  latest(visible: Prisma.AuditExportWhereInput): Promise<ExportRow[]> {
    return this.database.client.auditExport.findMany({
      where: visible,
      orderBy: { createdAt: 'desc' },
      take: 100,
    });
  }

  visibleById(visible: Prisma.AuditExportWhereInput, id: string): Promise<ExportRow | null> {
    return this.database.client.auditExport.findFirst({ where: { AND: [visible, { id }] } });
  }

  byId(id: string): Promise<ExportRow | null> {
    return this.database.client.auditExport.findUnique({ where: { id } });
  }

  /** Says how far it is. @returns whether it is still wanted */
  async progress(id: string, { scanned, rows }: { scanned: bigint; rows: bigint }): Promise<boolean> {
    const { count } = await this.database.client.auditExport.updateMany({
      where: { id, state: { in: unfinished } },
      data: { state: 'running', scanned, rows },
    });
    return count === 1;
  }

  /** @returns whether it was still wanted */
  async finish(tx: Tx, id: string, signed: SignedRows & { scanned: bigint }): Promise<boolean> {
    const { count } = await tx.auditExport.updateMany({
      where: { id, state: { in: unfinished } },
      data: { ...signed, state: 'done', finishedAt: new Date() },
    });
    return count === 1;
  }

  async fail(id: string, failure: string): Promise<void> {
    await this.database.client.auditExport.updateMany({
      where: { id, state: { in: unfinished } },
      data: { state: 'failed', failure, finishedAt: new Date() },
    });
  }

  /** @returns whether there was something to cancel */
  async cancel(tx: Tx, id: string): Promise<boolean> {
    const { count } = await tx.auditExport.updateMany({
      where: { id, state: { in: unfinished } },
      data: { state: 'cancelled', finishedAt: new Date() },
    });
    return count === 1;
  }

  /** Exports at which nobody has worked for a minute. */
  async lost(): Promise<string[]> {
    const rows = await this.database.client.auditExport.findMany({
      where: { state: { in: unfinished }, updatedAt: { lt: new Date(Date.now() - 60_000) } },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  }
}
