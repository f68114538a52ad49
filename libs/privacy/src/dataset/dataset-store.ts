import { Injectable } from '@nestjs/common';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { isRowId } from '../row-id.js';

const withProject = {
  include: { project: true, classification: true },
} as const satisfies Prisma.DatasetDefaultArgs;

export type DatasetRow = Prisma.DatasetGetPayload<typeof withProject>;

export interface NewDataset {
  readonly organizationId: string;
  readonly projectId: string;
  readonly name: string;
  readonly stewardId: string;
  readonly declaration: string;
  readonly declarationDigest: string;
  /** Where a table stays that is not sealed here. */
  readonly sourceTable: string | null;
}

export interface SealedTable {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly blobKey: string;
  readonly dataKeyId: string;
}

/** Protected datasets as rows. Reads for people take what the actor may see, so that nothing is filtered afterwards. */
@Injectable()
export class DatasetStore {
  constructor(private readonly database: Database) {}

  projectByName(
    tx: Pick<Tx, 'project'>,
    organizationId: string,
    name: string,
  ): Promise<{ id: string } | null> {
    return tx.project.findUnique({
      where: { organizationId_name: { organizationId, name } },
      select: { id: true },
    });
  }

  /** @throws a unique violation when the organisation has a dataset of this name, or of this very table */
  create(tx: Tx, data: NewDataset): Promise<DatasetRow> {
    return tx.dataset.create({ data: { ...data, state: 'declared' }, ...withProject });
  }

  /** Fixes the table of a declared dataset; undefined when somebody else was first. */
  async seal(tx: Tx, id: string, table: SealedTable): Promise<DatasetRow | undefined> {
    const { count } = await tx.dataset.updateMany({
      where: { id, state: 'declared' },
      data: { ...table, state: 'sealed' },
    });
    return count === 0 ? undefined : tx.dataset.findUniqueOrThrow({ where: { id }, ...withProject });
  }

  /** Another login for a table that stays elsewhere; undefined when somebody else was first. */
  async reseal(tx: Tx, { id, sha256 }: DatasetRow, login: SealedTable): Promise<DatasetRow | undefined> {
    const { count } = await tx.dataset.updateMany({ where: { id, state: 'sealed', sha256 }, data: login });
    return count === 0 ? undefined : tx.dataset.findUniqueOrThrow({ where: { id }, ...withProject });
  }

  renew(tx: Tx, id: string): Promise<DatasetRow> {
    return tx.dataset.update({ where: { id }, data: { dataVersion: { increment: 1 } }, ...withProject });
  }

  sameTable(organizationId: string, sourceTable: string): Promise<{ name: string } | null> {
    return this.database.client.dataset.findUnique({
      where: { organizationId_sourceTable: { organizationId, sourceTable } },
      select: { name: true },
    });
  }

  /** What the steward says that the columns hold; an earlier word is replaced. */
  async classify(
    tx: Tx,
    datasetId: string,
    word: { columns: { name: string; kinds: string[] }[]; confirmedByName: string; confirmedAt: Date },
  ): Promise<DatasetRow> {
    await tx.datasetClassification.upsert({
      where: { datasetId },
      create: { datasetId, ...word },
      update: word,
    });
    return tx.dataset.findUniqueOrThrow({ where: { id: datasetId }, ...withProject });
  }

  visible(visible: Prisma.DatasetWhereInput): Promise<DatasetRow[]> {
    return this.database.client.dataset.findMany({
      where: visible,
      orderBy: { name: 'asc' },
      ...withProject,
    });
  }

  visibleByRef(visible: Prisma.DatasetWhereInput, ref: string): Promise<DatasetRow | null> {
    const named = isRowId(ref) ? { id: ref } : { name: ref };
    return this.database.client.dataset.findFirst({ where: { AND: [visible, named] }, ...withProject });
  }

  byId(id: string): Promise<DatasetRow | null> {
    return this.database.client.dataset.findUnique({ where: { id }, ...withProject });
  }
}
