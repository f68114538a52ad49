import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownIdentity, readIdentity, stillRuns } from './process-identity.js';

/**
 * Runs `work` while no other process of this machine does so for the same folder. The lock of a process that died is
 * broken; two that break it at the same instant may both get in, so what must never run twice needs a lock of its own
 * (PostgreSQL has one).
 */
export async function exclusively<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'lock');
  await mkdir(folder, { recursive: true });
  while (!(await taken(folder, lock))) {
    const holder = readIdentity(await readFile(join(lock, 'holder'), 'utf8').catch(() => ''));
    if (holder !== undefined && !stillRuns(holder)) await removed(folder, lock);
    else await sleep(15);
  }
  try {
    return await work();
  } finally {
    await removed(folder, lock);
  }
}

/** Moved away first: a lock that is half removed, an empty folder, could be taken by somebody, and then removed with him. */
async function removed(folder: string, lock: string): Promise<void> {
  const gone = join(folder, `lock.${randomUUID()}`);
  // Another process that breaks the same lock may be first.
  await rename(lock, gone).catch(() => undefined);
  await rm(gone, { recursive: true, force: true });
}

/** A folder with the holder's identity in it is moved in place: the move fails where there is one already. */
async function taken(folder: string, lock: string): Promise<boolean> {
  const prepared = join(folder, `lock.${randomUUID()}`);
  await mkdir(prepared);
  await writeFile(join(prepared, 'holder'), ownIdentity());
  try {
    await rename(prepared, lock);
    return true;
  } catch {
    await rm(prepared, { recursive: true, force: true });
    return false;
  }
}
