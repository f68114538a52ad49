import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemCode } from './disk.js';

/** How long a file of another machine may lie untouched before it counts as abandoned. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 12);
/** Tells this process from an earlier one with the same process id, as every first process of a container has. */
const PROCESS = randomUUID();

/**
 * Where blobs are written before they have a name. A file here is named `<machine>.<process id>.<process>.<file>`, so that
 * a process that starts can tell what a dead one left from what a live one is writing.
 */
export class IncomingFolder {
  constructor(private readonly folder: string) {}

  /** Creates the folder, and removes what dead writers left in it. */
  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      if (await isOrphan(name, path)) await rm(path, { force: true });
    }
  }

  async create(): Promise<{ path: string; file: FileHandle }> {
    const path = join(this.folder, [HOST, process.pid, PROCESS, randomUUID()].join('.'));
    return { path, file: await open(path, 'wx', 0o600) };
  }
}

async function isOrphan(name: string, path: string): Promise<boolean> {
  const [host, pid, writer] = name.split('.');
  if (host !== HOST) return isAbandoned(path);
  if (Number(pid) === process.pid) return writer !== PROCESS;
  return !isAlive(Number(pid));
}

async function isAbandoned(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
