import { defineQueue } from '@castellan/queue';
import { z } from 'zod';

const RewrapMessage = z.object({ rotationId: z.uuid() });
export type RewrapMessage = z.infer<typeof RewrapMessage>;

export const rewrapQueue = defineQueue('rewrap', RewrapMessage);
