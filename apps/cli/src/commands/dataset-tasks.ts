import { Command } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { nameText, uuidText } from './arguments.js';

export function tasks(around: Surroundings): Command {
  return new Command('tasks')
    .description('work on a protected table, newest first')
    .argument('<dataset>', 'the protected table', nameText)
    .action(async (dataset: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const list = await (await invocation.api()).tasks(dataset);
      const rows = list.tasks.map(({ id, kind, state, progress, requestedBy, createdAt, failure }) => [
        id,
        kind,
        state === 'running' ? `running ${progress} %` : state,
        requestedBy,
        createdAt,
        failure?.code ?? '',
      ]);
      invocation.terminal.result(list, formatTable(['TASK', 'KIND', 'STATE', 'BY', 'WHEN', 'WHY'], rows));
    });
}

export function cancelTask(around: Surroundings): Command {
  return new Command('cancel')
    .description('end work on a protected table; what had been made of it is thrown away')
    .argument('<dataset>', 'the protected table', nameText)
    .argument('<task>', 'the id of the task', uuidText)
    .action(async (dataset: string, task: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const cancelled = await (await invocation.api()).cancelTask(dataset, task);
      invocation.terminal.result(cancelled, `${cancelled.kind} ${cancelled.id} is ${cancelled.state}`);
    });
}
