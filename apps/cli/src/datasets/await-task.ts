import { setTimeout as sleep } from 'node:timers/promises';
import type { DatasetTask } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import type { ApiClient } from '../client/api-client.js';

const LOOK_EVERY_MS = 400;

/** Waits until a task is done. @throws when it ended in another way, with its own reason */
export async function awaitTask(
  api: ApiClient,
  { dataset, id }: DatasetTask,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<DatasetTask> {
  for (let shown = ''; ;) {
    const task = await api.task(dataset, id);
    if (task.state === 'done') return task;
    if (task.state !== 'queued' && task.state !== 'running') throw ended(task);
    const line = `${task.state} ${task.progress} %`;
    if (line !== shown) say(line);
    shown = line;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

function ended({ state, failure }: DatasetTask): CastellanError {
  return new CastellanError({
    code: failure?.code ?? `task_${state}`,
    kind: state === 'failed' ? 'internal' : 'conflict',
    publicDetail: failure?.detail ?? `The task is ${state}.`,
  });
}
