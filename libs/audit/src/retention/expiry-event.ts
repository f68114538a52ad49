import type { AuditEvent, EventActor } from '../audit-event.js';
import { defineEvents, details } from '../define-events.js';
import { EXPIRY_ACTION } from './expiry-permit.js';
import { formatRanges, indexesOf, type IndexRange } from './index-ranges.js';

const catalogue = defineEvents({
  [EXPIRY_ACTION]: {
    meaning: 'The payloads of the leaves that it names were let go; their hashes stay.',
    details: details<{ leaves: string; count: number; permit: string }>(),
  },
});

/** What the log records of retention, in words, for the console and for exports. */
export const expiryEventMeanings = catalogue.meanings;

/** The event that lets payloads go: with the signer's permit a verifier accepts from its leaf on that they are gone. */
export function payloadsExpired(
  ranges: readonly IndexRange[],
  permit: string,
  about: { readonly actor: EventActor; readonly organizationId?: string; readonly runId?: string },
): AuditEvent {
  const { actor, organizationId, runId } = about;
  return catalogue.event(EXPIRY_ACTION, {
    actor,
    ...(organizationId === undefined ? {} : { organizationId }),
    ...(runId === undefined ? {} : { resource: { kind: 'expiry-run', id: runId } }),
    decision: 'allow',
    details: { leaves: formatRanges(ranges), count: indexesOf(ranges).length, permit },
  });
}
