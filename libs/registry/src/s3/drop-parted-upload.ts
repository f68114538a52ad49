import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { registryEvents } from '../registry-events.js';
import { LooseBlobs } from '../storage/loose-blobs.js';
import { OpenUploads } from '../versions/open-uploads.js';
import { type VersionRow, VersionStore } from '../versions/version-store.js';
import { type PartedUpload, partBytes } from './parted-uploads.js';

/** Gives up a multipart upload with everything that came of it. */
@Injectable()
export class DropPartedUpload {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly open: OpenUploads,
    private readonly loose: LooseBlobs,
    private readonly audit: AuditLog,
  ) {}

  /** @throws parted_upload_unknown, parted_upload_busy, version_not_uploading */
  async execute(actor: Actor, { id: versionId }: VersionRow, path: string, uploadId: string): Promise<void> {
    const upload = this.open.parted.open(versionId, path, uploadId);
    const offsetBytes = BigInt(partBytes(upload));
    await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, versionId);
      await this.audit.append(
        tx,
        registryEvents.uploadDropped(actor, version, { path, offsetBytes }, 'given up'),
      );
    });
    await this.leave(upload);
  }

  /** Without a word in the log: what nobody named was never part of anything. */
  async leave(upload: PartedUpload): Promise<void> {
    this.open.parted.forget(upload);
    await this.sweep(upload);
  }

  async sweep({ parts }: PartedUpload): Promise<void> {
    const blobKeys = [...parts.values()].map(({ blobKey }) => blobKey);
    parts.clear();
    if (blobKeys.length > 0) await this.loose.sweep({ blobKey: { in: blobKeys } });
  }
}
