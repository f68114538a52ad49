import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { loadConfig } from '@castellan/config';
import { z } from 'zod';
import type { Invocation } from '../invocation.js';
import { DataFolder } from './data-folder.js';
import { keyStoreSettings, ownServices, partsElsewhere } from './own-services.js';
import { passphraseFor } from './passphrase.js';
import { builtApp } from './plans.js';
import { openDatabase } from './supervised-database.js';
import { UpError } from './up-error.js';
import { upConfig } from './up.config.js';

const Succession = z.object({
  closed: z.string(),
  begun: z.string(),
  lastCheckpoint: z.string().optional(),
  leaves: z.number(),
  lost: z.number(),
  heldLedgers: z.number(),
  destroyed: z.number(),
});
export type Succession = z.infer<typeof Succession>;

export interface NewLogTerms {
  readonly reason: string;
  /** Files with checkpoints of the log, and its lists of what was destroyed, that were kept elsewhere. */
  readonly held: readonly string[];
}

const run = promisify(execFile);

/**
 * Has the keybroker's own program close the log of an installation that does not run, and begin another.
 * @throws UpError `data_folder_in_use` while it runs, `new_log_failed`
 */
export async function beginNewLog(
  invocation: Invocation,
  data: string,
  terms: NewLogTerms,
): Promise<Succession> {
  const { environment } = invocation.surroundings;
  const config = loadConfig({ up: upConfig }, environment).up;
  const services = ownServices(environment);
  const elsewhere = partsElsewhere(services);
  const folder = await DataFolder.open(data, { demo: false, now: invocation.now(), elsewhere });
  try {
    if (folder.isNew) throw failed(`${folder.path} was never started: there is no log to close.`);
    const passphrase =
      services.kmsUrl === undefined ? await passphraseFor(folder, config.passphrase, false) : undefined;
    const unwatched = { died: () => undefined, restarted: () => undefined };
    const database = await openDatabase(folder.database, services.databaseUrl, unwatched);
    try {
      const settings = {
        DATABASE_URL: database.databaseUrl,
        KEYBROKER_DIR: folder.keybroker,
        ...keyStoreSettings(services, passphrase?.text, environment),
        TMPDIR: folder.temporary,
      };
      return await closeAndBegin(settings, terms);
    } finally {
      await database.stop();
    }
  } finally {
    folder.lock.release();
  }
}

/** @param environment the keybroker's own settings @throws UpError `new_log_failed` */
export async function closeAndBegin(
  environment: Readonly<Record<string, string>>,
  { reason, held }: NewLogTerms,
): Promise<Succession> {
  try {
    const { stdout } = await run(process.execPath, [builtApp('new-log'), reason, ...held], {
      env: environment,
    });
    return Succession.parse(JSON.parse(stdout));
  } catch (cause) {
    throw failed(`The log was not closed; nothing is signed until it is. ${whyOf(cause)}`, cause);
  }
}

/** What the program said of it; of a defect only its message. */
function whyOf(cause: unknown): string {
  const said = cause !== null && typeof cause === 'object' && 'stderr' in cause ? String(cause.stderr) : '';
  const lines = said.trim().split('\n');
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
}

function failed(publicDetail: string, cause?: unknown): UpError {
  return new UpError('new_log_failed', 'conflict', publicDetail, cause);
}
