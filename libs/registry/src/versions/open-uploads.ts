import { Injectable } from '@nestjs/common';
import { type DataKeyInHand, DataKeys } from '@castellan/vault';

/**
 * The data keys of versions that are being uploaded, held in this process's memory only: what is wrapped can't be
 * unwrapped here. After a restart a version's remaining files simply go under another data key.
 */
@Injectable()
export class OpenUploads {
  readonly #keys = new Map<string, Promise<DataKeyInHand>>();

  constructor(private readonly dataKeys: DataKeys) {}

  /** Concurrent uploads of one version share its key. */
  keyFor(versionId: string, projectId: string): Promise<DataKeyInHand> {
    const known = this.#keys.get(versionId);
    if (known !== undefined) return known;
    const made = this.dataKeys.generate({ kind: 'version', id: versionId, project: projectId });
    this.#keys.set(versionId, made);
    made.catch(() => this.#keys.delete(versionId));
    return made;
  }

  forget(versionId: string): void {
    this.#keys.delete(versionId);
  }
}
