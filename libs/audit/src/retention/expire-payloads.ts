import { createHash } from 'node:crypto';
import type { Tx } from '@castellan/database';
import { indexAgain } from '../search/search-index.js';

/** The index of terms is made again for some ranges, which may take long on a busy disk. */
export const EXPIRY_PATIENCE = { timeoutMs: 120_000 };

/**
 * Removes the payloads of these leaves, and what searches knew of them; the leaf hashes and the tiles stay. Only for leaves
 * that an event names which is signed history already: see `EXPIRY_ACTION`.
 *
 * What stays in the row is where the leaf stands, its hash, its time, action, decision and organization, so that a search
 * and an export can say that something expired there. The event's id goes: it holds the random bits without which a guess at
 * the payload could be tried against the hash. Whoever has the id still finds the leaf by it.
 *
 * @returns how many payloads were removed; those that were gone already do not count
 */
export async function expirePayloads(tx: Tx, indexes: readonly number[]): Promise<number> {
  const leaves = indexes.map(BigInt);
  const removed = await tx.$executeRaw`
    UPDATE "AuditEntry"
    SET event = '', "eventId" = ${BLIND} || encode(sha256(convert_to("eventId", 'UTF8')), 'hex'),
        "actorId" = NULL, "resourceKind" = NULL, "resourceId" = NULL
    WHERE index = ANY(${leaves}::bigint[]) AND event <> ''`;
  await indexAgain(tx, leaves);
  return removed;
}

const BLIND = 'expired:';

/** What stands for the id of an event whose payload has expired. */
export function blindId(eventId: string): string {
  return `${BLIND}${createHash('sha256').update(eventId).digest('hex')}`;
}
