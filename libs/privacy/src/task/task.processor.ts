import { type JobProcessor, Processes } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { RunTask } from './run-task.js';
import { type TaskMessage, taskQueue } from './task-queue.js';

@Processes(taskQueue)
@Injectable()
export class TaskProcessor implements JobProcessor<TaskMessage> {
  constructor(private readonly runTask: RunTask) {}

  process({ taskId }: TaskMessage): Promise<void> {
    return this.runTask.execute(taskId);
  }
}
