import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { processIdentity, stillRuns } from '@castellan/database';
import { z } from 'zod';
import { UpError } from './up-error.js';

const Owner = z.object({ pid: z.number().int().positive(), started: z.string() });

/**
 * One `castellan up` a folder. The lock names the process that holds it, by id and start time, so that one left behind by a
 * killed process, or by a machine that lost power, doesn't count.
 */
export class FolderLock {
  private constructor(private readonly path: string) {}

  /** @throws UpError `data_folder_in_use` */
  static take(path: string, folder: string): FolderLock {
    for (;;) {
      if (claim(path)) return new FolderLock(path);
      const owner = readOwner(path);
      if (owner !== undefined && stillRuns(owner))
        throw new UpError(
          'data_folder_in_use',
          'conflict',
          `Process ${owner.pid} already runs Castellan over ${folder}. Stop it first, or choose another --data folder.`,
        );
      rmSync(path, { force: true });
    }
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

function claim(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (error !== null && typeof error === 'object' && 'code' in error && error.code === 'EEXIST')
      return false;
    throw error;
  }
  writeSync(file, JSON.stringify(processIdentity(process.pid)));
  closeSync(file);
  return true;
}

function readOwner(path: string): z.infer<typeof Owner> | undefined {
  try {
    return Owner.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
