import { z } from 'zod';
import { BigCount, Timestamp } from './primitives.js';

// GET /api/v1/audit/events?action=&actor=&resource=&decision=&from=&to=&text=&before=&limit=
export const AuditQuery = z
  .object({
    action: z.string().optional(),
    actor: z.string().optional(),
    resource: z.string().optional(),
    decision: z.enum(['allow', 'deny']).optional(),
    from: Timestamp.optional(),
    to: Timestamp.optional(),
    text: z.string().max(200).optional(),
    before: BigCount.optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  })
  .meta({ id: 'AuditQuery' });
export type AuditQuery = z.infer<typeof AuditQuery>;

/** How long an event is kept goes by its class. */
export const EventClass = z.enum(['predictions', 'access', 'privacy', 'governance']);
export type EventClass = z.infer<typeof EventClass>;

/**
 * What is sealed in the event, opened: the actor's name and address, and what is told of somebody else. `closed`: ids of the
 * people whose attributes do not open any more, because they were erased.
 */
export const PersonalAttributes = z
  .object({
    name: z.string().optional(),
    source: z.string().optional(),
    subject: z.record(z.string(), z.string()).optional(),
    closed: z.array(z.string()).optional(),
  })
  .meta({ id: 'PersonalAttributes' });
export type PersonalAttributes = z.infer<typeof PersonalAttributes>;

/**
 * `event` is the exact text that was hashed into the log. Of one that has expired it is empty, actor and resource are gone,
 * and `eventId` is blinded; time, action and decision are what a table says and are proved by nothing.
 */
export const AuditRecord = z
  .object({
    index: BigCount,
    eventId: z.string(),
    time: Timestamp,
    action: z.string(),
    actor: z.string(),
    resource: z.string().optional(),
    decision: z.enum(['allow', 'deny']),
    expired: z.literal(true).optional(),
    leafHash: z.string(),
    event: z.string(),
    personal: PersonalAttributes.optional(),
  })
  .meta({ id: 'AuditRecord' });
export type AuditRecord = z.infer<typeof AuditRecord>;
/** `next` with fewer records than asked for: the search has come so far with the work one answer may take; go on from there. */
export const AuditPage = z
  .object({ records: z.array(AuditRecord), next: BigCount.optional(), treeSize: BigCount })
  .meta({ id: 'AuditPage' });
export type AuditPage = z.infer<typeof AuditPage>;

// GET /api/v1/audit/events/{eventId}/proof
export const InclusionProof = z
  .object({
    index: BigCount,
    treeSize: BigCount,
    leaf: z.string(),
    hashes: z.array(z.base64()),
    checkpoint: z.string(),
    /** What is sealed in the leaf, for readers; no part of the proof. */
    personal: PersonalAttributes.optional(),
  })
  .meta({ id: 'InclusionProof' });
export type InclusionProof = z.infer<typeof InclusionProof>;
// GET /audit/log/checkpoint (text/plain) ; /audit/log/tile/<L>/<N>[.p/<W>] ; /audit/log/tile/entries/<N>[.p/<W>] (C2SP tlog-tiles)

// GET /audit/log/proof/{index} ; /audit/log/proof/event/{eventId} (text/plain, C2SP tlog-proof)
export const LeafIndex = z
  .object({ index: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) })
  .meta({ id: 'LeafIndex' });
export type LeafIndex = z.infer<typeof LeafIndex>;
