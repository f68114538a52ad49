import { open, readFile, rename } from 'node:fs/promises';
import { CheckpointMemory } from '../checkpoint-authority.js';

/** A signer's memory that survives `kill -9`: written beside, flushed, renamed. */
export class FileMemory extends CheckpointMemory {
  constructor(private readonly path: string) {
    super();
  }

  async load(): Promise<string | undefined> {
    return readFile(this.path, 'utf8').catch(() => undefined);
  }

  async save(note: string): Promise<void> {
    const beside = `${this.path}.new`;
    const file = await open(beside, 'w');
    await file.writeFile(note);
    await file.sync();
    await file.close();
    await rename(beside, this.path);
  }
}
