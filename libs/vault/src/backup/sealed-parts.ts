import { createReadStream } from 'node:fs';
import { open as openFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KeyObject } from 'node:crypto';
import { open, seal } from '@castellan/sealed-stream';
import { BackupError } from './backup-error.js';
import { fileContext } from './backup-format.js';

/** The files of one backup that are sealed under its own key, each bound to its place. */
export class SealedParts {
  constructor(
    private readonly folder: string,
    private readonly id: string,
    private readonly key: KeyObject,
  ) {}

  /** Durable when it resolves. Replaces what an interrupted try has left. */
  async write(file: string, source: AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(this.folder, file);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await openFile(path, 'w', 0o600);
    try {
      await handle.writeFile(seal(this.key, fileContext(this.id, file), source));
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** @throws BackupError `backup_damaged` when any of it is not what was written; whole only when the iteration ends */
  async *read(file: string): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* open(this.key, fileContext(this.id, file), createReadStream(join(this.folder, file)));
    } catch (cause) {
      throw damaged(file, cause);
    }
  }
}

export function damaged(file: string, cause?: unknown): BackupError {
  return new BackupError('backup_damaged', `${file} of the backup is missing, cut short or changed.`, cause);
}
