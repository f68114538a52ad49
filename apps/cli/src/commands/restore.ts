import { Command } from 'commander';
import type { Restored } from '../recovery/restore.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { UsageError } from '../usage-error.js';
import { folderPath } from './arguments.js';
import { describeSuccession } from './audit-new-log.js';
import { inWords, summaryOf } from './backup.js';

interface RestoreOptions {
  readonly data?: string;
  readonly services: boolean;
  readonly check: boolean;
  readonly reason?: string;
  readonly held: string[];
}

export function restoreCommand(around: Surroundings): Command {
  return new Command('restore')
    .description('bring an installation up again from a backup and the passphrase, and begin a new audit log')
    .argument('<backup>', 'the folder that "castellan backup" wrote', folderPath)
    .option('--check', 'open everything and compare every digest; restore nothing', false)
    .option('--data <folder>', 'an empty or new data folder, for "castellan up"', folderPath)
    .option(
      '--services',
      'instead: into what DATABASE_URL, BLOB_URL, KEYBROKER_DIR and KMS_URL or KMS_PASSPHRASE name',
      false,
    )
    .option('--reason <text>', 'why; it stands in the new log for ever')
    .option(
      '--held <file...>',
      'the newest checkpoints that anybody has kept, which tell what is lost, and the newest destroyed.note: what it names stays destroyed',
      [],
    )
    .action(async (from: string, options: RestoreOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      if (options.check) await check(invocation, from, options);
      else await restore(invocation, from, options);
    });
}

async function check(invocation: Invocation, from: string, { services }: RestoreOptions): Promise<void> {
  const { checkOnly } = await import('../recovery/restore.js');
  const summary = summaryOf(await checkOnly(invocation, from, services));
  invocation.terminal.result(
    summary,
    `whole: ${inWords(summary)}; all of it opens, and every digest is right`,
  );
}

async function restore(invocation: Invocation, from: string, options: RestoreOptions): Promise<void> {
  const { data, services, reason, held } = options;
  if (reason === undefined) throw new UsageError('Say why with --reason: it goes into the new audit log.');
  if (!services && data === undefined) throw new UsageError('Say where to with --data, or pass --services.');
  const { restoreFolder, restoreServices } = await import('../recovery/restore.js');
  const terms = { reason, held };
  const restored =
    services || data === undefined
      ? await restoreServices(invocation, from, terms)
      : await restoreFolder(invocation, from, data, terms);
  const { contents, log, succession } = restored;
  const summary = summaryOf(contents);
  invocation.terminal.result({ ...summary, log, succession }, describe(restored));
}

function describe({ contents, log, succession }: Restored): string {
  const sound = log.ok
    ? `its audit log is sound: ${log.size} leaves under the last checkpoint that was backed up`
    : `its audit log has ${log.faults.length} FAULT(S), the first: ${log.faults[0]?.detail}`;
  return [
    `restored ${inWords(summaryOf(contents))}, every digest compared`,
    sound,
    '',
    describeSuccession(succession),
    '  sign and hand in again, before anything serves, what the keybroker was told since the backup: revocations, policies, destructions',
    '  take away again what was taken away since: API keys, people, roles, deployments',
  ].join('\n');
}
