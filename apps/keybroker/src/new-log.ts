/*
 * Closes the audit log and begins another: `node new-log.js REASON [CHECKPOINT-FILE…]`, with the keybroker's own settings
 * and while nothing of the platform runs. Prints what came of it as one line of JSON. `castellan audit new-log` calls it over a data folder.
 */
import { readFile } from 'node:fs/promises';
import { systemClock } from '@castellan/audit';
import { environment, loadConfig } from '@castellan/config';
import { databaseConfig, PrismaDatabase } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { kmsConfig } from '@castellan/kms';
import { keybrokerConfig } from './keybroker.config.js';
import { openKms } from './open-kms.js';
import { openRoot } from './root/open-root.js';
import { writePublicFiles } from './root/public-files.js';
import { readRoot } from './root/root.js';
import { beginNewLog } from './succession/begin-new-log.js';

const { folder, kmsFile, kmsPassphrase } = keybrokerConfig;
const config = loadConfig(
  { keybroker: { folder, kmsFile, kmsPassphrase }, database: databaseConfig, kms: kmsConfig },
  environment(),
);
const [reason = '', ...files] = process.argv.slice(2);
if (reason === '') throw new Error('usage: new-log REASON [CHECKPOINT-FILE…]');
const held = await Promise.all(files.map((file) => readFile(file, 'utf8')));
const database = new PrismaDatabase(config.database);
try {
  const kms = await openKms(config.keybroker, config.kms);
  // Without officers to pin: a folder that was never started is refused.
  const { state } = await openRoot(config.keybroker.folder, kms, undefined, systemClock);
  const succession = await beginNewLog(state, database, { reason, held });
  await writePublicFiles(config.keybroker.folder, readRoot(await state.root.read()));
  process.stdout.write(`${JSON.stringify(succession)}\n`);
} catch (error) {
  if (!(error instanceof CastellanError)) throw error;
  process.stderr.write(`${error.publicDetail}\n`);
  process.exitCode = 1;
} finally {
  await database.close();
}
