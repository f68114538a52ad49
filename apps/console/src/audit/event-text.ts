import { z } from 'zod';

const Event = z.object({
  id: z.string(),
  time: z.string(),
  action: z.string(),
  actor: z.object({ kind: z.string(), id: z.string().optional(), name: z.string().optional() }),
  resource: z.object({ kind: z.string(), id: z.string(), digest: z.string().optional() }).optional(),
  decision: z.enum(['allow', 'deny']),
  reason: z.string().optional(),
  source: z.string().optional(),
  requestId: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type AuditEventText = z.infer<typeof Event>;

/** A leaf's text taken apart for showing; undefined for one that is no event. The text itself is what was hashed. */
export function readEventText(text: string): AuditEventText | undefined {
  try {
    return Event.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
