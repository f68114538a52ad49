import { Injectable } from '@nestjs/common';
import { FilePath, type ManifestFile } from '@castellan/contracts';
import { Database } from '@castellan/database';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { SealedStore } from '@castellan/vault';
import { registryEvents } from '../registry-events.js';
import { RegistryError } from '../registry-error.js';
import { OpenUploads } from './open-uploads.js';
import { type VersionRow, VersionStore } from './version-store.js';

/**
 * Streams one file into a version that is being uploaded. Bytes are sealed as they arrive, in constant memory. A file at
 * the same path is replaced. When the stream breaks off, nothing of it stays: the client sends the file again.
 */
@Injectable()
export class StoreFile {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly uploads: OpenUploads,
    private readonly sealed: SealedStore,
    private readonly audit: AuditLog,
  ) {}

  async execute(
    actor: Actor,
    version: VersionRow,
    path: string,
    source: AsyncIterable<Uint8Array>,
  ): Promise<ManifestFile> {
    const checked = FilePath.safeParse(path);
    if (!checked.success) {
      throw new RegistryError('file_path_invalid', {
        kind: 'invalid',
        publicDetail: `The path ${JSON.stringify(path.slice(0, 100))} can't be part of a version: ${checked.error.issues[0]?.message ?? ''}.`,
      });
    }
    await this.database.transaction((tx) => this.versions.lockUploading(tx, version.id));
    const dataKey = await this.uploads.keyFor(version.id, version.model.projectId);
    const { dataKeyId, key } = dataKey;
    const stored = await this.sealed.write({
      dataKeyId,
      key,
      path,
      source,
      folder: `versions/${version.id}`,
    });
    try {
      const replaced = await this.database.transaction(async (tx) => {
        await this.versions.lockUploading(tx, version.id);
        await dataKey.record(tx);
        const previous = await this.versions.putFile(tx, version.id, { path, dataKeyId, ...stored });
        await this.audit.append(tx, registryEvents.fileStored(actor, version, { path, ...stored }));
        return previous;
      });
      if (replaced !== undefined) await this.sealed.remove(replaced);
    } catch (error) {
      // A refusal of ours means that nothing was recorded. After any other failure it may have been, as when the database
      // dies during the commit: the blob stays, and finalising or abandoning clears away what has no row.
      if (error instanceof RegistryError) await this.sealed.remove(stored.blobKey);
      throw error;
    }
    return { path, sizeBytes: stored.sizeBytes, sha256: stored.sha256 };
  }
}
