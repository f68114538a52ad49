/** Asks whoever may open tables to work on a task. Asking twice is no harm. */
export abstract class TaskRequests {
  abstract request(taskId: string): Promise<void>;
}
