import { Database, type Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { DataRequestKind, TaskState, TaskSummary } from '@castellan/contracts';
import { isRowId } from '../row-id.js';

const withDataset = {
  include: { dataset: { include: { project: true, classification: true } } },
} as const satisfies Prisma.DatasetTaskDefaultArgs;

export type TaskRow = Prisma.DatasetTaskGetPayload<typeof withDataset>;

export interface NewTask {
  readonly datasetId: string;
  readonly kind: string;
  readonly request: string;
  readonly digest: string;
  readonly requestedById: string;
  readonly requestedByName: string;
  readonly state: TaskState;
}

export interface TaskResult {
  readonly resultSha256: string;
  readonly resultSizeBytes: number;
  readonly resultBlobKey: string;
  readonly resultDataKeyId: string;
}

const open: readonly TaskState[] = ['waiting', 'queued', 'running'];

/** Tasks as rows. Every change of state is one conditional update: of two who try, one succeeds. */
@Injectable()
export class TaskStore {
  constructor(private readonly database: Database) {}

  create(tx: Tx, data: NewTask): Promise<TaskRow> {
    return tx.datasetTask.create({ data, ...withDataset });
  }

  byId(id: string): Promise<TaskRow | null> {
    return this.database.client.datasetTask.findUnique({ where: { id }, ...withDataset });
  }

  byDigest(digest: string): Promise<TaskRow | null> {
    return this.database.client.datasetTask.findUnique({ where: { digest }, ...withDataset });
  }

  /** The newest first. */
  visibleOf(visible: Prisma.DatasetTaskWhereInput, datasetId: string): Promise<TaskRow[]> {
    return this.database.client.datasetTask.findMany({
      where: { AND: [visible, { datasetId }] },
      orderBy: { createdAt: 'desc' },
      take: 100,
      ...withDataset,
    });
  }

  visible(visible: Prisma.DatasetTaskWhereInput, datasetId: string, id: string): Promise<TaskRow | null> {
    if (!isRowId(id)) return Promise.resolve(null);
    return this.database.client.datasetTask.findFirst({
      where: { AND: [visible, { datasetId, id }] },
      ...withDataset,
    });
  }

  /** Undefined when the task was in none of the states `from` any more. */
  async move(
    tx: Pick<Tx, 'datasetTask'>,
    id: string,
    from: readonly TaskState[],
    data: Prisma.DatasetTaskUpdateManyMutationInput & { state: TaskState },
  ): Promise<TaskRow | undefined> {
    const where = { id, state: { in: [...from] } };
    const { count } = await tx.datasetTask.updateMany({ where, data: { ...data, touchedAt: new Date() } });
    return count === 0 ? undefined : tx.datasetTask.findUniqueOrThrow({ where: { id }, ...withDataset });
  }

  /** How far a running task has come, in hundredths and in words. False when it does not run any more. */
  async note(
    tx: Pick<Tx, 'datasetTask'>,
    id: string,
    progress: number,
    summary: TaskSummary,
  ): Promise<boolean> {
    const { count } = await tx.datasetTask.updateMany({
      where: { id, state: 'running' },
      data: { progress, summary, touchedAt: new Date() },
    });
    return count === 1;
  }

  /** The texts of a dataset's requests of one kind, newest first. */
  async requestsOf(datasetId: string, kind: DataRequestKind): Promise<string[]> {
    const rows = await this.database.client.datasetTask.findMany({
      where: { datasetId, kind },
      orderBy: { createdAt: 'desc' },
      select: { request: true },
    });
    return rows.map(({ request }) => request);
  }

  cancel(tx: Tx, id: string): Promise<TaskRow | undefined> {
    return this.move(tx, id, open, { state: 'cancelled', finishedAt: new Date() });
  }

  /** False when the task does not run any more. */
  async touch(id: string, progress: number): Promise<boolean> {
    const { count } = await this.database.client.datasetTask.updateMany({
      where: { id, state: 'running' },
      data: { progress, touchedAt: new Date() },
    });
    return count === 1;
  }

  /** Tasks that somebody should be working on, and that nobody has touched since `before`. */
  async untouched(before: Date): Promise<string[]> {
    const rows = await this.database.client.datasetTask.findMany({
      where: { state: { in: ['queued', 'running'] }, touchedAt: { lt: before } },
      select: { id: true },
      take: 100,
    });
    return rows.map(({ id }) => id);
  }
}
