import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database, type Tx } from '@castellan/database';
import { registryEvents } from '../registry-events.js';
import { LooseBlobs } from '../storage/loose-blobs.js';
import { type VersionRow, VersionStore } from '../versions/version-store.js';
import { type UploadRow, UploadStore } from './upload-store.js';

export type DropReason = 'given up' | 'abandoned' | 'replaced';

/** Gives up an upload with everything that came of it. One that became a file leaves the file as it is. */
@Injectable()
export class DropUpload {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly uploads: UploadStore,
    private readonly loose: LooseBlobs,
    private readonly audit: AuditLog,
  ) {}

  /** False for what is gone, or was gone on with since `idleSince`: that stays. */
  async execute(
    by: Actor | 'jobs',
    { id, versionId }: Pick<UploadRow, 'id' | 'versionId'>,
    reason: DropReason,
    idleSince?: Date,
  ): Promise<boolean> {
    const dropped = await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, versionId);
      const upload = await this.uploads.inTransaction(tx, id);
      if (upload === null || (idleSince !== undefined && upload.touchedAt >= idleSince)) return false;
      await this.within(tx, by, version, upload, reason);
      return true;
    });
    await this.sweep(versionId);
    return dropped;
  }

  /** Removes what uploads of this version have left. */
  async sweep(versionId: string): Promise<void> {
    await this.loose.sweep({ versionId, markedAt: { not: null } });
  }

  /** The same within somebody's transaction, who sweeps afterwards. */
  async within(
    tx: Tx,
    by: Actor | 'jobs',
    version: VersionRow,
    upload: UploadRow,
    reason: DropReason,
  ): Promise<void> {
    await this.uploads.remove(tx, upload.id);
    await this.loose.letGo(
      tx,
      version.id,
      upload.segments.map(({ blobKey }) => blobKey),
    );
    if (upload.finishedAt === null)
      await this.audit.append(tx, registryEvents.uploadDropped(by, version, upload, reason));
  }
}
