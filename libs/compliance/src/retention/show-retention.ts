import { type Minima } from '@castellan/audit';
import type { ExpiryRun, LegalHold, Retention } from '@castellan/contracts';
import type { ExpiryRunRow } from './expiry-run-store.js';
import type { HoldRow } from './hold-store.js';
import { daysOf, type RetentionRow } from './retention-store.js';

export function showRetention(row: RetentionRow | null, minima: Minima): Retention {
  return {
    days: daysOf(row),
    minima,
    ...(row !== null && { setBy: row.setBy, setAt: row.setAt.toISOString() }),
  };
}

export function showRun(row: ExpiryRunRow): ExpiryRun {
  const { id, requestedBy, treeSize, scanned, expired, held, failure, createdAt, finishedAt } = row;
  return {
    id,
    requestedBy,
    state: row.state as ExpiryRun['state'],
    treeSize: String(treeSize),
    scanned: String(scanned),
    expired: String(expired),
    held: String(held),
    ...(failure !== null && { failure }),
    createdAt: createdAt.toISOString(),
    ...(finishedAt !== null && { finishedAt: finishedAt.toISOString() }),
  };
}

/** @param projects names by id */
export function showHold(row: HoldRow, projects: ReadonlyMap<string, string>): LegalHold {
  const { id, reason, resourceId, actorId, projectId, from, to, setBy, setAt } = row;
  const { liftAskedBy, liftReason, liftedBy, liftedAt } = row;
  return {
    id,
    reason,
    ...(resourceId !== null && { resource: resourceId }),
    ...(actorId !== null && { actor: actorId }),
    ...(projectId !== null && { project: projects.get(projectId) ?? projectId }),
    ...(from !== null && { from: from.toISOString() }),
    ...(to !== null && { to: to.toISOString() }),
    state: liftedAt !== null ? 'lifted' : liftAskedBy !== null ? 'lift-asked' : 'active',
    setBy,
    setAt: setAt.toISOString(),
    ...(liftAskedBy !== null && { liftAskedBy }),
    ...(liftReason !== null && { liftReason }),
    ...(liftedBy !== null && { liftedBy }),
    ...(liftedAt !== null && { liftedAt: liftedAt.toISOString() }),
  };
}
