import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { registryEvents } from '../registry-events.js';
import { RegistryError } from '../registry-error.js';
import { ScanRequests } from '../scan/scan-requests.js';
import { LooseBlobs } from '../storage/loose-blobs.js';
import { sealManifest } from './manifest.js';
import { OpenUploads } from './open-uploads.js';
import { showFile } from './show-version.js';
import { type VersionRow, VersionStore } from './version-store.js';

/**
 * Fixes what a version is: from here on its files, and so its digest, never change. It goes into quarantine and a scan is
 * asked for; should the asking be lost, the scanner's own sweep finds the version.
 */
@Injectable()
export class FinalizeVersion {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly uploads: OpenUploads,
    private readonly loose: LooseBlobs,
    private readonly audit: AuditLog,
    private readonly scans: ScanRequests,
  ) {}

  async execute(actor: Actor, { id }: VersionRow): Promise<VersionRow> {
    const finalized = await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, id);
      const byPieces = version.uploads.filter(({ finishedAt }) => finishedAt === null);
      const unfinished = [...byPieces, ...this.uploads.parted.unfinishedOf(id)];
      if (unfinished.length > 0) throw stillComing(unfinished);
      if (version.files.length === 0) {
        throw new RegistryError('version_empty', {
          kind: 'invalid',
          publicDetail: 'This version has no files yet. Upload at least one before finalising.',
        });
      }
      const finalizedAt = new Date();
      const { text, digest } = sealManifest({
        organization: actor.organizationName,
        project: version.model.project.name,
        model: version.model.name,
        number: version.number,
        author: version.authorName,
        createdAt: version.createdAt,
        files: version.files.map(showFile),
      });
      const sealedVersion = await this.versions.finalize(tx, id, { manifest: text, digest, finalizedAt });
      await this.audit.append(tx, registryEvents.versionFinalized(actor, sealedVersion));
      return sealedVersion;
    });
    this.uploads.forget(id);
    await this.loose.sweep({ versionId: id });
    await this.scans.request(id);
    return finalized;
  }
}

function stillComing(uploads: readonly { readonly path: string }[]): RegistryError {
  const [first] = uploads;
  const others = uploads.length > 1 ? ` and ${uploads.length - 1} more` : '';
  return new RegistryError('upload_unfinished', {
    kind: 'conflict',
    publicDetail: `${JSON.stringify(first?.path)}${others} has not come in whole. Go on with the upload, or give it up.`,
    meta: { paths: uploads.map(({ path }) => path) },
  });
}
