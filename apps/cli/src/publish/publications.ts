import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { LocalFile } from './local-files.js';

const Kept = z.object({ versionId: z.uuid(), pid: z.number().int() });

/**
 * Remembers which version a publication of these very files, to this model and server, was going into, so that the same
 * command goes on with it. A file of each, in the user's own folder.
 */
export class Publications {
  readonly #file: string;

  constructor(
    private readonly folder: string,
    what: { readonly url: string; readonly model: string; readonly files: readonly LocalFile[] },
  ) {
    const files = what.files.map(({ file, ...facts }) => ({ ...facts, file: resolve(file) }));
    const name = createHash('sha256')
      .update(JSON.stringify({ ...what, files }))
      .digest('hex');
    this.#file = join(folder, `${name}.json`);
  }

  /** Absent: none, or another process is at it. */
  async interrupted(): Promise<string | undefined> {
    const text = await readFile(this.#file, 'utf8').catch(() => '{}');
    const kept = Kept.safeParse(parsed(text));
    return kept.success && !isAlive(kept.data.pid) ? kept.data.versionId : undefined;
  }

  async begin(versionId: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(this.#file, JSON.stringify({ versionId, pid: process.pid }), { mode: 0o600 });
  }

  async end(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
