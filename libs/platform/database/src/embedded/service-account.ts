import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseError } from '../database-error.js';

/** The account a PostgreSQL process runs as. */
export interface ServiceAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, so a root process runs it as `postgres`, or `nobody` where that doesn't exist.
 * Undefined when this process isn't root: it then runs as ourselves.
 */
export async function serviceAccount(): Promise<ServiceAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = await readFile('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const entry = passwd.split('\n').find((line) => line.startsWith(`${name}:`));
    const [, , uid, gid] = entry?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new DatabaseError({
    code: 'database_folder_unreachable',
    kind: 'unavailable',
    publicDetail:
      'PostgreSQL does not run as root, and there is no account "postgres" or "nobody" to run it as.',
  });
}

/** @throws `database_folder_unreachable` naming the first folder on the way to `path` that the account can't enter. */
export async function assertReachable(path: string, account: ServiceAccount | undefined): Promise<void> {
  if (account === undefined) return;
  const parent = dirname(path);
  if (parent !== path) await assertReachable(parent, account);
  const { mode, uid, gid } = await stat(path);
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  if ((mode & bit) !== 0) return;
  throw new DatabaseError({
    code: 'database_folder_unreachable',
    kind: 'forbidden',
    publicDetail:
      `PostgreSQL does not run as root, and the account it runs as (uid ${account.uid}) may not enter ${path}. ` +
      `Choose a data folder elsewhere, or start Castellan as an ordinary user.`,
  });
}
