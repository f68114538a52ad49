import { defineQueue } from '@castellan/queue';
import { z } from 'zod';

/** Names the task; what is asked stays in its row. */
const TaskMessage = z.object({ taskId: z.uuid() });
export type TaskMessage = z.infer<typeof TaskMessage>;

export const taskQueue = defineQueue('dataset-task', TaskMessage);
