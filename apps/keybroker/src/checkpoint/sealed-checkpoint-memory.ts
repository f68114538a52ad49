import { CheckpointMemory } from '@castellan/audit';
import type { SealedFile } from '../state/sealed-file.js';

/** What the file says before the first checkpoint. */
export const noCheckpoint = '';

/** The last signed checkpoint, in the broker's own folder: out of reach of whoever restores or edits the database. */
export class SealedCheckpointMemory extends CheckpointMemory {
  private constructor(
    private readonly file: SealedFile,
    private note: string,
  ) {
    super();
  }

  static async open(file: SealedFile): Promise<SealedCheckpointMemory> {
    return new SealedCheckpointMemory(file, await file.read());
  }

  override async load(): Promise<string | undefined> {
    return this.note === noCheckpoint ? undefined : this.note;
  }

  override async save(note: string): Promise<void> {
    await this.file.write(note);
    this.note = note;
  }
}
