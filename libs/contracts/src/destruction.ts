import { z } from 'zod';
import { Id, Sha256, Timestamp } from './primitives.js';

/** Destroying a version, model or project, or erasing a person's data from the log, for good: two signed orders (`trust-documents`), a wait, a certificate. */

const Target = z.enum(['version', 'model', 'project', 'person']);
const Order = z.object({ digest: Sha256, person: z.string() });

export const Destruction = z
  .object({
    target: Target,
    targetId: Id,
    /** Of a person: the id, never the name. */
    name: z.string(),
    /** `due`: its time has come; a job is about to do it, or something stands in the way. */
    state: z.enum(['awaiting-second', 'waiting', 'due', 'destroyed']),
    orders: z.array(Order),
    dueAt: Timestamp.optional(),
    destroyedAt: Timestamp.optional(),
  })
  .meta({ id: 'Destruction' });
export type Destruction = z.infer<typeof Destruction>;

// GET /api/v1/destructions
export const DestructionList = z
  .object({ destructions: z.array(Destruction) })
  .meta({ id: 'DestructionList' });
export type DestructionList = z.infer<typeof DestructionList>;

// GET /api/v1/destructions/{targetId}/certificate
/** `certificate`: canonical JSON, castellan.destruction-certificate/v1; `signature`: detached CMS (PEM) over its bytes. */
export const DestructionCertificate = z
  .object({ certificate: z.string(), signature: z.string() })
  .meta({ id: 'DestructionCertificate' });
export type DestructionCertificate = z.infer<typeof DestructionCertificate>;

// The keybroker's side: GET /v1/destructions ; POST /v1/destructions/carry-out
export const OrderedDestruction = Destruction.omit({ destroyedAt: true }).extend({
  organization: z.string(),
  project: z.string(),
});
export type OrderedDestruction = z.infer<typeof OrderedDestruction>;
/** `destroyed`: `<version|model|project|person>/<id>` of all that is destroyed already. */
export const OrderedDestructionList = z.object({
  destructions: z.array(OrderedDestruction),
  destroyed: z.array(z.string()),
});
export type OrderedDestructionList = z.infer<typeof OrderedDestructionList>;
export const CarryOutRequest = z.object({ targetId: Id });
export type CarryOutRequest = z.infer<typeof CarryOutRequest>;
export const CarryOutResponse = z.object({ destroyed: z.literal(true) });
export type CarryOutResponse = z.infer<typeof CarryOutResponse>;
