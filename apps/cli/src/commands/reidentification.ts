import { Command } from 'commander';
import { ReidentifiedValues } from '@castellan/contracts';
import { openResult } from '../datasets/open-result.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { nameText, uuidText } from './arguments.js';

interface ReidentifyOptions {
  readonly copy: string;
  readonly column: string;
  readonly purpose: string;
}

export function reidentifyCommand(around: Surroundings): Command {
  return new Command('reidentify')
    .description(
      'ask what tokens or encrypted values of a masked copy were; two other people have to sign it',
    )
    .argument('<dataset>', 'the protected table', nameText)
    .argument('<value...>', 'as they stand in the copy, at most twenty')
    .requiredOption('--copy <task>', 'the task that made the copy', uuidText)
    .requiredOption('--column <name>', 'the column that they stand in')
    .requiredOption('--purpose <text>', 'why: what the two sign')
    .action(async (dataset: string, values: string[], options: ReidentifyOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const { digest } = await api.task(dataset, options.copy);
      const { column, purpose } = options;
      const task = await api.requestTask(dataset, {
        request: { kind: 'reidentify', purpose, copy: digest, column, values },
      });
      invocation.terminal.result(
        task,
        `${task.id} waits for two signatures: castellan dataset approve ${dataset} ${task.id}\nthen open it: castellan dataset reveal ${dataset} ${task.id}`,
      );
    });
}

export function revealCommand(around: Surroundings): Command {
  return new Command('reveal')
    .description(
      'open a re-identification that you asked for, here; who may see it from then on is up to you',
    )
    .argument('<dataset>', 'the protected table', nameText)
    .argument('<task>', 'the id of the task', uuidText)
    .action(async (dataset: string, id: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const bytes = await openResult(await invocation.api(), dataset, id);
      const revealed = ReidentifiedValues.parse(JSON.parse(new TextDecoder().decode(bytes)));
      const rows = revealed.values.map(({ value, original }) => [value, original ?? '(in no row)']);
      invocation.terminal.result(
        revealed,
        formatTable(['VALUE OF THE COPY', revealed.column.toUpperCase()], rows),
      );
    });
}
