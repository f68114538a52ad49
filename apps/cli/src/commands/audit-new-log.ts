import { Command } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import type { Succession } from '../up/begin-new-log.js';
import { folderPath } from './arguments.js';

interface NewLogOptions {
  readonly data: string;
  readonly reason: string;
  readonly held: string[];
  readonly yes: boolean;
}

export function auditNewLogCommand(around: Surroundings): Command {
  return new Command('new-log')
    .description('after a restore: close the log and go on with a new one over what the database holds')
    .requiredOption('--data <folder>', 'the data folder of "castellan up", which must not run', folderPath)
    .requiredOption('--reason <text>', 'why; it stands in the new log for ever')
    .option('--held <file...>', 'checkpoints that somebody has kept: they tell how many leaves are lost', [])
    .option('--yes', 'do not ask', false)
    .action(async ({ data, reason, held, yes }: NewLogOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const { terminal } = invocation;
      const question =
        'The key of the log is destroyed, and everybody who follows it is alarmed. Restoring the newest database is better, if there is one. Close the log?';
      if (!yes && !(await terminal.confirm(question))) return;
      const { beginNewLog } = await import('../up/begin-new-log.js');
      const succession = await beginNewLog(invocation, data, { reason, held });
      terminal.result(succession, describeSuccession(succession));
    });
}

export function describeSuccession({
  closed,
  begun,
  lastCheckpoint,
  leaves,
  lost,
  heldLedgers,
  destroyed,
}: Succession): string {
  return [
    `closed  ${closed}`,
    `begun   ${begun}`,
    `${leaves} leaves are taken over; ${lost} that were signed are lost.`,
    ...(lastCheckpoint === undefined
      ? []
      : ['Keep the last checkpoint of the closed log:', '', lastCheckpoint.trimEnd(), '']),
    ...(destroyed === 0 ? [] : [`${destroyed} thing(s) that were destroyed since stay destroyed.`]),
    'What is left for you to do:',
    '  give the new key to everybody who verifies or monitors the log',
    '  look up in other records what the lost leaves said: approvals, releases, predictions',
    ...(heldLedgers === 0
      ? []
      : [
          `  say what was spent of ${heldLedgers} privacy ledger(s) since the backup, which knows nothing of it; until then they answer nothing: castellan privacy reconcile DATASET`,
        ]),
  ].join('\n');
}
