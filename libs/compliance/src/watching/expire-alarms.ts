import type { Tx } from '@castellan/database';

/** Removes the rows of alarms whose leaves are about to lose their payload: a row says no more than its leaf does. */
export async function expireAlarms(tx: Tx, leaves: readonly number[]): Promise<void> {
  const indexes = leaves.map(BigInt);
  await tx.$executeRaw`
    DELETE FROM "Alarm" WHERE "eventId" IN (
      SELECT "eventId" FROM "AuditEntry"
      WHERE index = ANY (${indexes}::bigint[]) AND action = 'alarm.raised')`;
}
