import { Command } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import { LogFolder } from '../log/log-folder.js';
import { ServedLog } from '../log/served-log.js';
import { folderPath } from './arguments.js';

export function auditMirrorCommand(around: Surroundings): Command {
  return new Command('mirror')
    .description(
      'copy the whole log into a folder, or bring a copy up to date; any web server can serve it on',
    )
    .argument('<folder>', 'where to', folderPath)
    .action(async (folder: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { parseCheckpoint, parseNote } = await import('@castellan/signed-note');
      const log = new ServedLog((await invocation.api()).connection);
      const copy = async () => {
        const checkpoint = await log.checkpoint();
        const { size } = parseCheckpoint(parseNote(checkpoint).text);
        return { size, ...(await new LogFolder(folder).copy(log, size, checkpoint)) };
      };
      const first = await copy();
      // What expired while it was copied is explained by the log that is signed by now.
      const last = first.expired ? await copy() : { ...first, files: 0 };
      const [size, files] = [last.size, first.files + last.files];
      invocation.terminal.result(
        { folder, size, files },
        `${folder}: ${size} leaves, ${files} files fetched\nCheck it with: castellan audit verify ${folder} --vkey KEY`,
      );
    });
}
