import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { registryEvents } from '../registry-events.js';
import { ProjectUsage } from '../storage/project-usage.js';
import { requireFilePath } from '../versions/file-path.js';
import { type VersionRow, VersionStore } from '../versions/version-store.js';
import { DropUpload } from './drop-upload.js';
import { type UploadRow, UploadStore } from './upload-store.js';

/**
 * Begins the upload of one file by pieces. Another one of the same path is given up. The whole length counts against the
 * project's quota from here on.
 *
 * @throws file_path_invalid, quota_exceeded, version_not_uploading
 */
@Injectable()
export class CreateUpload {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly uploads: UploadStore,
    private readonly usage: ProjectUsage,
    private readonly drop: DropUpload,
    private readonly audit: AuditLog,
  ) {}

  async execute(
    actor: Actor,
    { id: versionId, model }: VersionRow,
    file: { readonly path: string; readonly lengthBytes: number },
  ): Promise<UploadRow> {
    requireFilePath(file.path);
    const begun = await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, versionId);
      const before = await this.uploads.ofPath(tx, versionId, file.path);
      if (before !== null) await this.drop.within(tx, actor, version, before, 'replaced');
      await this.usage.admit(tx, model.project, file.lengthBytes);
      await this.versions.touch(tx, versionId);
      await this.audit.append(tx, registryEvents.uploadStarted(actor, version, file));
      return this.uploads.begin(tx, { versionId, ...file });
    });
    await this.drop.sweep(versionId);
    return begun;
  }
}
