import { createHash } from 'node:crypto';
import { MAX_ENTRY_BYTES } from '@castellan/merkle-log';
import { leafText } from './audit-event.js';
import type { OutboxEvent } from './prisma-log-store.js';

/**
 * Which of the claimed events become leaves, in order. Every text that reached the outbox does, once, though it be
 * nonsense: the log must neither lose evidence nor stop for it.
 *
 * - A text that is in the log already under its id is a repetition (a write that was retried) and is left out.
 * - Another text under an id that is taken gets an id of its own, from `newId`.
 * - A text that is too long for an entry is represented by its digest. Only somebody writing to the table can make one.
 *
 * @param recorded the leaves that already have one of the claimed ids
 */
export function admitEvents(
  claimed: readonly OutboxEvent[],
  recorded: ReadonlyMap<string, string>,
  newId: () => string,
): OutboxEvent[] {
  return claimed
    .filter(({ id, event }) => recorded.get(id) !== event)
    .map((row) => (recorded.has(row.id) ? { ...row, id: newId() } : row))
    .map((row) => (Buffer.byteLength(row.event) > MAX_ENTRY_BYTES ? representedByDigest(row) : row));
}

function representedByDigest(row: OutboxEvent): OutboxEvent {
  const details = {
    sha256: createHash('sha256').update(row.event).digest('hex'),
    sizeBytes: Buffer.byteLength(row.event),
  };
  const actor = { kind: 'process', name: 'sequencer' } as const;
  const event = leafText(
    { action: 'audit.oversized', actor, decision: 'deny', details },
    row.id,
    row.createdAt,
  );
  return { ...row, event };
}
