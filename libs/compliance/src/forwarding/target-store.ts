import { Injectable } from '@nestjs/common';
import { Database, type Prisma, type Tx } from '@castellan/database';

export type TargetRow = Prisma.ForwardingTargetGetPayload<object>;
export type DeliveryRow = Prisma.ForwardingDeliveryGetPayload<object>;

export interface Attempt {
  readonly begin: bigint;
  /** Excluded. */
  readonly end: bigint;
  readonly events: number;
  readonly durationMs: number;
  readonly detail: string;
}

/** Attempts that stay readable, of each target. */
const KEPT = 200;

/** Targets as rows. Only `delivered` moves a cursor, and only forwards. */
@Injectable()
export class TargetStore {
  constructor(private readonly database: Database) {}

  create(tx: Tx, data: Prisma.ForwardingTargetUncheckedCreateInput): Promise<TargetRow> {
    return tx.forwardingTarget.create({ data });
  }

  visible(visible: Prisma.ForwardingTargetWhereInput): Promise<TargetRow[]> {
    const where = { AND: [visible, { state: { not: 'removed' } }] };
    return this.database.client.forwardingTarget.findMany({ where, orderBy: { createdAt: 'asc' } });
  }

  visibleById(visible: Prisma.ForwardingTargetWhereInput, id: string): Promise<TargetRow | null> {
    return this.database.client.forwardingTarget.findFirst({
      where: { AND: [visible, { id, state: { not: 'removed' } }] },
    });
  }

  async change(tx: Tx, id: string, state: 'running' | 'paused' | 'removed'): Promise<void> {
    // Whoever resumes a target has looked at it: it is tried at once.
    await tx.forwardingTarget.update({ where: { id }, data: { state, nextAttemptAt: new Date(0) } });
  }

  deliveries(targetId: string): Promise<DeliveryRow[]> {
    return this.database.client.forwardingDelivery.findMany({
      where: { targetId },
      orderBy: { id: 'desc' },
      take: 100,
    });
  }

  /**
   * Takes a target to work on for `leaseMs`, so that one process at a time sends to it. `undefined` when it is paused,
   * waiting for its next attempt, or somebody else's.
   */
  async take(id: string, leaseMs: number): Promise<TargetRow | undefined> {
    const rows = await this.database.client.$queryRaw<TargetRow[]>`
      UPDATE "ForwardingTarget" SET "nextAttemptAt" = localtimestamp + ${leaseMs}::float8 * interval '1 millisecond'
      WHERE id = ${id} AND state = 'running' AND "nextAttemptAt" <= localtimestamp RETURNING *`;
    return rows[0];
  }

  /** Targets that may have something to do. */
  async running(): Promise<string[]> {
    const rows = await this.database.client.forwardingTarget.findMany({
      where: { state: 'running' },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  }

  /** Moves the cursor past what was delivered, or passed over because it concerns others. */
  async delivered(targetId: string, attempt: Attempt): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.$executeRaw`
        UPDATE "ForwardingTarget" SET cursor = greatest(cursor, ${attempt.end}), failures = 0, "lastError" = NULL,
               "nextAttemptAt" = localtimestamp WHERE id = ${targetId}`;
      if (attempt.events > 0) await this.#record(tx, targetId, { ...attempt, ok: true });
    });
  }

  async failed(targetId: string, attempt: Attempt, waitMs: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.$executeRaw`
        UPDATE "ForwardingTarget" SET failures = failures + 1, "lastError" = ${attempt.detail},
               "nextAttemptAt" = localtimestamp + ${waitMs}::float8 * interval '1 millisecond' WHERE id = ${targetId}`;
      await this.#record(tx, targetId, { ...attempt, ok: false });
    });
  }

  /** Gives a target back with nothing done. */
  async rest(targetId: string, waitMs: number): Promise<void> {
    await this.database.client.$executeRaw`
      UPDATE "ForwardingTarget" SET "nextAttemptAt" = localtimestamp + ${waitMs}::float8 * interval '1 millisecond'
      WHERE id = ${targetId}`;
  }

  async #record(tx: Tx, targetId: string, attempt: Attempt & { ok: boolean }): Promise<void> {
    await tx.forwardingDelivery.create({ data: { targetId, ...attempt } });
    await tx.$executeRaw`
      DELETE FROM "ForwardingDelivery" WHERE "targetId" = ${targetId} AND id < (
        SELECT id FROM "ForwardingDelivery" WHERE "targetId" = ${targetId} ORDER BY id DESC OFFSET ${KEPT} LIMIT 1)`;
  }
}
