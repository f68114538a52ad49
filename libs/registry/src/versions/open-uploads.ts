import { Injectable } from '@nestjs/common';
import { type DataKeyInHand, DataKeys } from '@castellan/vault';
import { PartedUploads } from '../s3/parted-uploads.js';

/**
 * The data keys of versions that are being uploaded, held in this process's memory only: what is wrapped can't be
 * unwrapped here. After a restart a version's remaining files simply go under another data key; files that come in by parts
 * in any order begin anew.
 */
@Injectable()
export class OpenUploads {
  readonly parted = new PartedUploads();
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
    this.parted.forgetVersion(versionId);
  }
}
