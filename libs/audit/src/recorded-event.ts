import type { JsonValue } from '@castellan/canonical-json';
import { z } from 'zod';
import { ACTION, type RecordedEvent } from './audit-event.js';

/** What came out of `JSON.parse` is JSON: looking through it again would cost more than all the rest. */
const Json = z.custom<{ readonly [member: string]: JsonValue }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/** What a reader takes a leaf for. Members that a later version adds are let through unseen. */
const Leaf = z.object({
  id: z.uuid(),
  time: z.iso.datetime(),
  action: z.string().regex(ACTION),
  actor: z.object({
    kind: z.enum(['person', 'process', 'anonymous']),
    id: z.string().optional(),
    name: z.string().optional(),
    credentialId: z.string().optional(),
    sealed: z.string().optional(),
  }),
  resource: z.object({ kind: z.string(), id: z.string(), digest: z.string().optional() }).optional(),
  subject: z.object({ id: z.string(), sealed: z.string().optional() }).optional(),
  organizationId: z.string().optional(),
  decision: z.enum(['allow', 'deny']),
  reason: z.string().optional(),
  requestId: z.string().optional(),
  source: z.string().optional(),
  details: Json.optional(),
});

/** Reads a leaf's text; `undefined` if it is not an event's. Whoever can write to the database can write any text there. */
export function readRecordedEvent(text: string): RecordedEvent | undefined {
  try {
    return Leaf.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
