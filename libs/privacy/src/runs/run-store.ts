import { Database, type Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { RunState } from '@castellan/contracts';

export type RunKind = 'synthesis' | 'training';

const withEntry = {
  include: { entry: { include: { release: true } } },
} as const satisfies Prisma.PrivacyRunDefaultArgs;

export type RunRow = Prisma.PrivacyRunGetPayload<typeof withEntry>;

export interface NewRun {
  readonly entryId: string;
  readonly datasetId: string;
  readonly kind: RunKind;
  /** Canonical JSON. */
  readonly request: string;
}

/** Work that a ledger entry pays for. Whether it is done, lost or refunded is the entry's to say; this is what else there is. */
@Injectable()
export class RunStore {
  constructor(private readonly database: Database) {}

  async create(tx: Tx, run: NewRun): Promise<void> {
    await tx.privacyRun.create({ data: run });
  }

  /** A sign of life, with what may be shown so far. True when somebody asked for it to stop. */
  async beat(entryId: string, progress: Prisma.InputJsonArray): Promise<boolean> {
    const data = { heartbeatAt: new Date(), progress };
    const { cancelledAt } = await this.database.client.privacyRun.update({ where: { entryId }, data });
    return cancelledAt !== null;
  }

  /** Why it was given back before the data were touched, in words that tell nothing of rows. */
  async explain(tx: Tx, entryId: string, refusal: string): Promise<void> {
    await tx.privacyRun.update({ where: { entryId }, data: { refusal } });
  }

  /** False when it was settled, or somebody had asked before. */
  async cancel(tx: Tx, entryId: string): Promise<boolean> {
    const { count } = await tx.privacyRun.updateMany({
      where: { entryId, cancelledAt: null, entry: { state: 'reserved' } },
      data: { cancelledAt: new Date() },
    });
    return count === 1;
  }

  byEntry(entryId: string): Promise<RunRow | null> {
    return this.database.client.privacyRun.findUnique({ where: { entryId }, ...withEntry });
  }

  /** The newest first. */
  ofDataset(datasetId: string, kind: RunKind, limit: number): Promise<RunRow[]> {
    return this.database.client.privacyRun.findMany({
      where: { datasetId, kind },
      orderBy: [{ createdAt: 'desc' }, { entryId: 'desc' }],
      take: limit,
      ...withEntry,
    });
  }
}

export function stateOf({ entry }: RunRow): RunState {
  if (entry.state === 'refunded') return 'refunded';
  if (entry.state === 'committed') return entry.release === null ? 'failed' : 'done';
  return entry.startedAt === null ? 'waiting' : 'running';
}
