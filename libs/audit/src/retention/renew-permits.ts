import type { Tx } from '@castellan/database';
import type { NoteSigner } from '@castellan/signed-note';
import type { AuditEvent } from '../audit-event.js';
import type { LogIdentity } from '../log-identity.js';
import { payloadsExpired } from './expiry-event.js';
import { EXPIRY_ACTION, MAX_PERMIT_RANGES, permittedBy, signPermit } from './expiry-permit.js';
import { indexesOf, rangesOf } from './index-ranges.js';

/**
 * For a log that succeeds another over the same leaves: events by which the new signer permits what the old one did, since
 * nobody who follows the new log can believe the old key.
 * @param closed whose permits hold until now
 * @param leaves that are taken over
 */
export async function renewPermits(
  tx: Tx,
  closed: LogIdentity,
  signer: NoteSigner,
  { leaves, at }: { readonly leaves: number; readonly at: Date },
): Promise<AuditEvent[]> {
  const rows = await tx.auditEntry.findMany({ where: { action: EXPIRY_ACTION }, select: { event: true } });
  const permitted = rows.flatMap(({ event }) => indexesOf(permittedBy(Buffer.from(event), closed)));
  const ranges = rangesOf([...new Set(permitted)].filter((index) => index < leaves).sort((a, b) => a - b));
  const parts = Array.from({ length: Math.ceil(ranges.length / MAX_PERMIT_RANGES) }, (_, i) =>
    ranges.slice(i * MAX_PERMIT_RANGES, (i + 1) * MAX_PERMIT_RANGES),
  );
  const actor = { kind: 'process', name: 'keybroker' } as const;
  return parts.map((part) => payloadsExpired(part, signPermit(part, at, signer), { actor }));
}
