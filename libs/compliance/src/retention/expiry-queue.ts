import { defineQueue } from '@castellan/queue';
import { z } from 'zod';

const ExpiryMessage = z.object({ runId: z.uuid() });
export type ExpiryMessage = z.infer<typeof ExpiryMessage>;

export const expiryQueue = defineQueue('audit-expiry', ExpiryMessage);
