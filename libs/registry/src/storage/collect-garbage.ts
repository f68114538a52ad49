import { Injectable } from '@nestjs/common';
import { SealedStore } from '@castellan/vault';
import { RegistryError } from '../registry-error.js';
import { DropUpload } from '../uploads/drop-upload.js';
import { UploadStore } from '../uploads/upload-store.js';
import { AbandonVersion } from '../versions/abandon-version.js';
import { VersionStore } from '../versions/version-store.js';
import { LooseBlobs } from './loose-blobs.js';
import { StorageTerms } from './storage-terms.js';

export interface Collected {
  readonly versions: number;
  readonly uploads: number;
  readonly marked: number;
  readonly swept: number;
}

/**
 * One round of the collector. Versions and uploads that nobody has gone on with are given up; blobs that nothing has named
 * for a while are marked, and those that were marked a while ago are removed. It may run anywhere, any number of times, and
 * beside any upload: see LooseBlobs.
 */
@Injectable()
export class CollectGarbage {
  constructor(
    private readonly versions: VersionStore,
    private readonly uploads: UploadStore,
    private readonly abandon: AbandonVersion,
    private readonly drop: DropUpload,
    private readonly loose: LooseBlobs,
    private readonly terms: StorageTerms,
  ) {}

  async execute(now = new Date()): Promise<Collected> {
    const idle = this.terms.uploadsAbandonedBefore(now);
    let versions = 0;
    for (const id of await this.versions.idleSince(idle))
      versions += await counted(this.abandon.execute('jobs', { id }, idle));
    let uploads = 0;
    for (const upload of await this.uploads.idleSince(idle))
      uploads += await counted(this.drop.execute('jobs', upload, 'abandoned', idle));
    const garbage = this.terms.garbageBefore(now);
    const swept = await this.loose.sweepForgotten({ markedAt: { lt: garbage } });
    const marked = await this.loose.mark({ since: { lt: garbage } }, now);
    return { versions, uploads, marked, swept };
  }
}

/** 1, or 0 where somebody was quicker: went on with it, fixed it, or gave it up. */
async function counted(work: Promise<boolean>): Promise<number> {
  try {
    return (await work) ? 1 : 0;
  } catch (error) {
    if (error instanceof RegistryError) return 0;
    throw error;
  }
}

/**
 * Writes down, as loose, blobs that nothing names and nobody wrote down: those of a store that was filled by an earlier
 * release, or of a database that was restored from a backup.
 */
@Injectable()
export class FindStrays {
  constructor(
    private readonly sealed: SealedStore,
    private readonly loose: LooseBlobs,
  ) {}

  async execute(): Promise<number> {
    let found = 0;
    for await (const blobKey of this.sealed.list('versions/'))
      found += (await this.loose.adopt(blobKey)) ? 1 : 0;
    return found;
  }
}
