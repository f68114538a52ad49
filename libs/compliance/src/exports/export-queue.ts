import { defineQueue } from '@castellan/queue';
import { z } from 'zod';

const ExportMessage = z.object({ exportId: z.uuid() });
export type ExportMessage = z.infer<typeof ExportMessage>;

export const exportQueue = defineQueue('audit-export', ExportMessage);
