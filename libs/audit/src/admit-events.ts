import { createHash } from 'node:crypto';
import { MAX_ENTRY_BYTES } from '@castellan/merkle-log';
import { leafText } from './audit-event.js';
import type { ClaimedEvent, OutboxEvent } from './prisma-log-store.js';

/**
 * Which of the claimed events become leaves, in order. Every text that reached the outbox does, once, though it be
 * nonsense: the log must neither lose evidence nor stop for it.
 *
 * - A text that is in the log already under its id is a repetition (a write that was retried) and is left out.
 * - Another text under an id that is taken gets an id of its own, from `newId`.
 * - A text that is too long for an entry is represented by its digest. Only somebody writing to the table can make one.
 */
export function admitEvents(
  claimed: readonly (OutboxEvent & Pick<ClaimedEvent, 'recorded'>)[],
  newId: () => string,
): readonly OutboxEvent[] {
  return claimed
    .filter(({ recorded, event }) => recorded !== event)
    .map((event) => (event.recorded === undefined ? event : renamed(event, newId())))
    .map((event) => (isTooLong(event.event) ? representedByDigest(event) : event));
}

function renamed({ event, createdAt }: OutboxEvent, id: string): OutboxEvent {
  return { id, event, createdAt };
}

/** No string has more than three bytes of UTF-8 for each of its units, so that short ones need not be measured. */
function isTooLong(text: string): boolean {
  return 3 * text.length > MAX_ENTRY_BYTES && Buffer.byteLength(text) > MAX_ENTRY_BYTES;
}

function representedByDigest({ id, event: text, createdAt }: OutboxEvent): OutboxEvent {
  const details = {
    sha256: createHash('sha256').update(text).digest('hex'),
    sizeBytes: Buffer.byteLength(text),
  };
  const actor = { kind: 'process', name: 'sequencer' } as const;
  const event = leafText({ action: 'audit.oversized', actor, decision: 'deny', details }, id, createdAt);
  return { id, event, createdAt };
}
