/*
 * Closes the audit log and begins another: `node new-log.js REASON`, with the keybroker's own settings and while nothing of
 * the platform runs. Prints what came of it as one line of JSON. `castellan audit new-log` calls it over a data folder.
 */
import { systemClock } from '@castellan/audit';
import { environment, loadConfig } from '@castellan/config';
import { databaseConfig, PrismaDatabase } from '@castellan/database';
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
const reason = process.argv[2] ?? '';
if (reason === '') throw new Error('usage: new-log REASON');
const kms = await openKms(config.keybroker, config.kms);
// Without officers to pin: a folder that was never started is refused.
const { state } = await openRoot(config.keybroker.folder, kms, undefined, systemClock);
const database = new PrismaDatabase(config.database);
try {
  const succession = await beginNewLog(state, database, reason);
  await writePublicFiles(config.keybroker.folder, readRoot(await state.root.read()));
  process.stdout.write(`${JSON.stringify(succession)}\n`);
} finally {
  await database.close();
}
