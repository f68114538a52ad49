import { defineQueue } from '@castellan/queue';
import { z } from 'zod';

const ScanMessage = z.object({ versionId: z.uuid() });
export type ScanMessage = z.infer<typeof ScanMessage>;

export const scanQueue = defineQueue('scan', ScanMessage);
