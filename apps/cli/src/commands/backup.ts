import { Command } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatBytes } from '../terminal/format.js';
import { folderPath } from './arguments.js';

interface BackupOptions {
  readonly data?: string;
  readonly services: boolean;
}

export function backupCommand(around: Surroundings): Command {
  return new Command('backup')
    .description(
      'copy everything that a restore needs, sealed, into a folder; the installation may be at work',
    )
    .argument('<folder>', 'a new folder; one of a backup that was interrupted is gone on with', folderPath)
    .option('--data <folder>', 'the data folder of "castellan up" (default: as there)', folderPath)
    .option(
      '--services',
      'instead: what DATABASE_URL, BLOB_URL, KEYBROKER_DIR and KMS_URL or KMS_PASSPHRASE name',
      false,
    )
    .action(async (to: string, { data, services }: BackupOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const { backUpFolder, backUpServices } = await import('../recovery/back-up.js');
      const { defaultFolder } = await import('../up/default-folder.js');
      const { contents, passphraseKeptIn } = services
        ? await backUpServices(invocation, to)
        : await backUpFolder(invocation, data ?? defaultFolder(invocation), to);
      const { terminal } = invocation;
      if (passphraseKeptIn !== undefined)
        terminal.say(
          terminal.style.bad(
            `warning: the passphrase lies in ${passphraseKeptIn} and is not in the backup, which opens with it alone. Keep a copy elsewhere.`,
          ),
        );
      const summary = summaryOf(contents);
      terminal.result(
        { folder: to, ...summary },
        `${to}: ${inWords(summary)}\nTry it: castellan restore --check ${to}`,
      );
    });
}

interface Counted {
  readonly createdAt: string;
  readonly tables: readonly { readonly rows: number }[];
  readonly blobs: readonly { readonly sizeBytes: number }[];
}
interface Summary {
  readonly createdAt: string;
  readonly rows: number;
  readonly blobs: number;
  readonly blobBytes: number;
}

export function summaryOf({ createdAt, tables, blobs }: Counted): Summary {
  return {
    createdAt,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    blobs: blobs.length,
    blobBytes: blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

export function inWords({ createdAt, rows, blobs, blobBytes }: Summary): string {
  return `${rows} rows and ${blobs} blobs (${formatBytes(blobBytes)}) of ${createdAt}`;
}
