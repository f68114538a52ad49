import type { EventClass } from '@castellan/contracts';
import { type Database, type Tx } from '@castellan/database';
import { type HoldConditions, isHeld } from './holds.js';
import type { RetentionPeriod } from './retention-period.js';
import type { Scope } from './scope.js';

/** A leaf whose time is up. */
export interface ExpiryCandidate {
  readonly index: number;
  readonly class: EventClass;
  readonly occurredAt: Date;
  readonly held: boolean;
}

/** Leaves `begin` (included) to `end` (excluded) that still have their payload and whose time is up, by index. */
export async function expiryCandidates(
  queries: Pick<Database['client'] | Tx, '$queryRaw'>,
  scope: Scope,
  { begin, end }: { readonly begin: number; readonly end: number },
  { period, holds }: { readonly period: RetentionPeriod; readonly holds: readonly HoldConditions[] },
): Promise<ExpiryCandidate[]> {
  const latest = period.latest();
  if (latest === undefined) return [];
  const rows = await queries.$queryRaw<{ index: bigint; action: string; occurredAt: Date; event: string }[]>`
    SELECT index, action, "occurredAt", event FROM "AuditEntry"
    WHERE index >= ${begin} AND index < ${end} AND event <> ''
      AND coalesce("organizationId", 'platform') = ${scope} AND "occurredAt" <= ${latest}
    ORDER BY index`;
  return rows.flatMap(({ index, action, occurredAt, event }) => {
    const kind = period.expiredClass(action, occurredAt);
    if (kind === undefined) return [];
    return [{ index: Number(index), class: kind, occurredAt, held: isHeld(event, occurredAt, holds) }];
  });
}
