import { RetentionDays } from '@castellan/contracts';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { Scope } from './scope.js';

export type RetentionRow = Prisma.RetentionPolicyGetPayload<object>;

/** What is set for a scope. A policy that cannot be read keeps everything. */
@Injectable()
export class RetentionStore {
  constructor(private readonly database: Database) {}

  find(scope: Scope): Promise<RetentionRow | null> {
    return this.database.client.retentionPolicy.findUnique({ where: { organizationId: scope } });
  }

  async days(scope: Scope): Promise<RetentionDays> {
    return daysOf(await this.find(scope));
  }

  set(
    tx: Tx,
    scope: Scope,
    data: { readonly days: RetentionDays; readonly setById: string; readonly setBy: string },
  ): Promise<RetentionRow> {
    const set = { ...data, setAt: new Date() };
    return tx.retentionPolicy.upsert({
      where: { organizationId: scope },
      create: { organizationId: scope, ...set },
      update: set,
    });
  }

  /** Scopes in which something may expire, set before `before`. */
  async setBefore(before: Date): Promise<Scope[]> {
    const rows = await this.database.client.retentionPolicy.findMany({ where: { setAt: { lt: before } } });
    return rows
      .filter((row) => Object.keys(daysOf(row)).length > 0)
      .map(({ organizationId }) => organizationId);
  }
}

export function daysOf(row: RetentionRow | null): RetentionDays {
  return RetentionDays.safeParse(row?.days).data ?? {};
}
