import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { DataKeys } from '@castellan/vault';
import { registryEvents } from '../registry-events.js';
import { LooseBlobs } from '../storage/loose-blobs.js';
import { OpenUploads } from './open-uploads.js';
import { storedFor, type VersionRow, VersionStore } from './version-store.js';

/** Gives up a version that was never finalised: its row, its keys and every byte stored for it go. */
@Injectable()
export class AbandonVersion {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly uploads: OpenUploads,
    private readonly dataKeys: DataKeys,
    private readonly loose: LooseBlobs,
    private readonly audit: AuditLog,
  ) {}

  /** False when something came in for it since `idleSince`: then it stays. @throws version_not_uploading */
  async execute(by: Actor | 'jobs', { id }: Pick<VersionRow, 'id'>, idleSince?: Date): Promise<boolean> {
    const abandoned = await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, id);
      if (idleSince !== undefined && version.activeAt >= idleSince) return false;
      const stored = storedFor(version);
      await this.versions.abandon(tx, id);
      await this.dataKeys.destroy(
        tx,
        stored.map(({ dataKeyId }) => dataKeyId),
      );
      await this.loose.letGo(
        tx,
        id,
        stored.map(({ blobKey }) => blobKey),
      );
      await this.audit.append(tx, registryEvents.versionAbandoned(by, version));
      return true;
    });
    if (!abandoned) return false;
    this.uploads.forget(id);
    await this.loose.sweep({ versionId: id });
    return true;
  }
}
