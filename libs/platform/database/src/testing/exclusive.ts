import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '../embedded/process-identity.js';

/** Runs `work` while no other process on this machine does so for the same folder. Locks of dead processes are broken. */
export async function exclusively<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'lock');
  await mkdir(folder, { recursive: true });
  while (!(await taken(lock))) {
    const holder = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => String(process.pid)));
    if (processIdentity(holder) === undefined) await rm(lock, { recursive: true, force: true });
    else await sleep(15);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** mkdir is atomic; the holder's id follows at once, and a reader that is earlier takes the holder for alive. */
async function taken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
  } catch {
    return false;
  }
  await writeFile(join(lock, 'pid'), String(process.pid));
  return true;
}
