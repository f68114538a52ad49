import { defineQueue } from '@castellan/queue';
import { z } from 'zod';

/** Names the ledger entry; the question itself stays in the ledger. */
const MeasureMessage = z.object({ entryId: z.uuid() });
export type MeasureMessage = z.infer<typeof MeasureMessage>;

export const measureQueue = defineQueue('measure', MeasureMessage);
