import { Database, type Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { Scope } from './scope.js';

export type ExpiryRunRow = Prisma.ExpiryRunGetPayload<object>;

const unfinished = ['queued', 'running'];

/** "expr" in ASCII. */
const START_LOCK = 0x6578_7072n;

/** Runs as rows. Each step says from where it started, so that a second worker at the same run changes nothing. */
@Injectable()
export class ExpiryRunStore {
  constructor(private readonly database: Database) {}

  /** @returns `undefined` when one is at work for this scope already */
  async start(
    tx: Tx,
    scope: Scope,
    { requestedBy, treeSize }: { readonly requestedBy: string; readonly treeSize: bigint },
  ): Promise<ExpiryRunRow | undefined> {
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(${START_LOCK}::bigint)::text`;
    const where = { organizationId: scope, state: { in: unfinished } };
    if ((await tx.expiryRun.findFirst({ where })) !== null) return undefined;
    return tx.expiryRun.create({ data: { organizationId: scope, requestedBy, treeSize } });
  }

  byId(id: string): Promise<ExpiryRunRow | null> {
    return this.database.client.expiryRun.findUnique({ where: { id } });
  }

  latest(scope: Scope): Promise<ExpiryRunRow[]> {
    return this.database.client.expiryRun.findMany({
      where: { organizationId: scope },
      orderBy: { createdAt: 'desc' },
      take: 20,
    });
  }

  /** @returns whether the run was still where `from` says */
  async advance(
    queries: Pick<Database['client'] | Tx, 'expiryRun'>,
    from: ExpiryRunRow,
    to: Prisma.ExpiryRunUpdateManyMutationInput,
  ): Promise<boolean> {
    const { count } = await queries.expiryRun.updateMany({
      where: {
        id: from.id,
        state: { in: unfinished },
        scanned: from.scanned,
        announcedEvent: from.announcedEvent,
      },
      data: { state: 'running', ...to },
    });
    return count === 1;
  }

  async fail(id: string, failure: string): Promise<void> {
    await this.database.client.expiryRun.updateMany({
      where: { id, state: { in: unfinished } },
      data: { state: 'failed', failure, finishedAt: new Date() },
    });
  }

  /** Runs at which nobody has worked for a minute. */
  async lost(): Promise<string[]> {
    const rows = await this.database.client.expiryRun.findMany({
      where: { state: { in: unfinished }, updatedAt: { lt: new Date(Date.now() - 60_000) } },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  }
}
