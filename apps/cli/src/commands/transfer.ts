import { Command } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { sendProject, type TransferWatch } from '../transfer/send-project.js';
import { type Taken, takeProject } from '../transfer/take-project.js';
import { TransferFolder } from '../transfer/transfer-folder.js';
import { nameText, sha256Text } from './arguments.js';

export function transferCommand(around: Surroundings): Command {
  return new Command('transfer')
    .description(
      "a project's versions on their way to another platform, sealed; its keys go by `castellan keys`",
    )
    .addCommand(send(around))
    .addCommand(take(around));
}

function send(around: Surroundings): Command {
  return new Command('export')
    .description('as admin: write all versions of a project into a folder; the same command again goes on')
    .requiredOption('--project <name>', 'whose versions', nameText)
    .requiredOption('-o, --output <folder>', 'where to')
    .action(async ({ project, output }: { project: string; output: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const folder = new TransferFolder(output);
      const sent = await sendProject(await invocation.api(), project, folder, watchOf(invocation));
      const told = `Tell its digest to those who import, over another channel:\n  ${sent.sha256}`;
      const count = `${sent.index.versions.length} version(s) of ${project}`;
      invocation.terminal.result({ output, ...sent }, `${output}: ${count}\n${told}`);
    });
}

function take(around: Surroundings): Command {
  return new Command('import')
    .description('as admin: take in the versions of a folder; each is scanned, and reviewed here anew')
    .argument('<folder>', 'what "transfer export" wrote')
    .requiredOption('--digest <sha256>', 'of the folder, as told over another channel', sha256Text)
    .option('--project <name>', 'what the project is called here (default: as there)', nameText)
    .action(
      async (path: string, { digest, project }: { digest: string; project?: string }, command: Command) => {
        const invocation = new Invocation(around, command);
        const terms = { sha256: digest, ...(project !== undefined && { project }) };
        const api = await invocation.api();
        const taken = await takeProject(api, new TransferFolder(path), terms, watchOf(invocation));
        const header = ['VERSION', 'STAGE HERE', 'APPROVED THERE BY'];
        invocation.terminal.result({ taken }, formatTable(header, taken.map(rowOf)));
      },
    );
}

function rowOf({ ref, version, there }: Taken): string[] {
  const people = there?.allowed === true ? there.approvals.map(({ person }) => person).join(', ') : '';
  return [ref, version?.stage ?? 'was here already', people];
}

function watchOf({ terminal, signal }: Invocation): TransferWatch {
  return {
    progress: (label, totalBytes) => terminal.progress(label, totalBytes, 0),
    say: (text) => terminal.say(text),
    signal,
  };
}
