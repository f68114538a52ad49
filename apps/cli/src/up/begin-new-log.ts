import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { loadConfig } from '@castellan/config';
import { z } from 'zod';
import type { Invocation } from '../invocation.js';
import { DataFolder } from './data-folder.js';
import { passphraseFor } from './passphrase.js';
import { builtApp } from './plans.js';
import { SupervisedDatabase } from './supervised-database.js';
import { UpError } from './up-error.js';
import { upConfig } from './up.config.js';

const Succession = z.object({
  closed: z.string(),
  begun: z.string(),
  lastCheckpoint: z.string().optional(),
  leaves: z.number(),
  lost: z.number(),
});
export type Succession = z.infer<typeof Succession>;

const run = promisify(execFile);

/**
 * Has the keybroker's own program close the log of an installation that does not run, and begin another.
 * @throws UpError `data_folder_in_use` while it runs, `new_log_failed`
 */
export async function beginNewLog(invocation: Invocation, data: string, reason: string): Promise<Succession> {
  const config = loadConfig({ up: upConfig }, invocation.surroundings.environment).up;
  const folder = await DataFolder.open(data, { demo: false, now: invocation.now() });
  try {
    if (folder.isNew) throw failed(`${folder.path} was never started: there is no log to close.`);
    const passphrase = await passphraseFor(folder, config.passphrase, false);
    const unwatched = { died: () => undefined, restarted: () => undefined };
    const database = await SupervisedDatabase.start(folder.database, unwatched);
    try {
      const environment = {
        DATABASE_URL: database.databaseUrl,
        KEYBROKER_DIR: folder.keybroker,
        KMS_PASSPHRASE: passphrase.text,
        TMPDIR: folder.temporary,
      };
      return await closeAndBegin(environment, reason);
    } finally {
      await database.stop();
    }
  } finally {
    folder.lock.release();
  }
}

async function closeAndBegin(environment: Record<string, string>, reason: string): Promise<Succession> {
  const program = builtApp('keybroker').replace(/main\.js$/, 'new-log.js');
  try {
    const { stdout } = await run(process.execPath, [program, reason], { env: environment });
    return Succession.parse(JSON.parse(stdout));
  } catch (cause) {
    throw failed('The log was not closed; nothing is signed until it is.', cause);
  }
}

function failed(publicDetail: string, cause?: unknown): UpError {
  return new UpError('new_log_failed', 'conflict', publicDetail, cause);
}
