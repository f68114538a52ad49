import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { registryEvents } from '../registry-events.js';
import { StorageTerms } from '../storage/storage-terms.js';
import { requireFilePath } from '../versions/file-path.js';
import { OpenUploads } from '../versions/open-uploads.js';
import { type VersionRow, VersionStore } from '../versions/version-store.js';
import { DropPartedUpload } from './drop-parted-upload.js';
import type { PartedUpload } from './parted-uploads.js';

/**
 * Begins a file whose parts come in any order. Several of one path may go on; the last to be completed is the file. Those
 * that nobody has gone on with are given up at this occasion.
 *
 * @throws file_path_invalid, version_not_uploading; what the key store fails with
 */
@Injectable()
export class BeginPartedUpload {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly open: OpenUploads,
    private readonly drop: DropPartedUpload,
    private readonly terms: StorageTerms,
    private readonly audit: AuditLog,
  ) {}

  async execute(actor: Actor, { id: versionId, model }: VersionRow, path: string): Promise<PartedUpload> {
    requireFilePath(path);
    const now = new Date();
    for (const idle of this.open.parted.idleSince(this.terms.uploadsAbandonedBefore(now)))
      await this.drop.leave(idle);
    // Better refused now than at the end.
    await this.open.keyFor(versionId, model.projectId);
    await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, versionId);
      await this.versions.touch(tx, versionId);
      await this.audit.append(tx, registryEvents.uploadStarted(actor, version, { path }));
    });
    return this.open.parted.begin({ versionId, projectId: model.projectId, path }, now);
  }
}
