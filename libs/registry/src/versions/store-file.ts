import { Injectable } from '@nestjs/common';
import type { ManifestFile } from '@castellan/contracts';
import { Database } from '@castellan/database';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { type DataKeyInHand, type SealedFile, SealedStore, VaultError } from '@castellan/vault';
import { registryEvents } from '../registry-events.js';
import { RegistryError } from '../registry-error.js';
import { VersionStorage } from '../storage/version-storage.js';
import { requireFilePath } from './file-path.js';
import { OpenUploads } from './open-uploads.js';
import { type VersionRow, VersionStore } from './version-store.js';

export interface FileBody {
  readonly body: AsyncIterable<Uint8Array>;
  /** As the request declares it; the quota is then known to suffice before the first byte. */
  readonly lengthBytes?: number;
}

/**
 * Streams one file into a version that is being uploaded. Bytes are sealed as they arrive, in constant memory. A file at
 * the same path is replaced. When the stream breaks off, nothing of it stays: the client sends the file again.
 *
 * @throws file_path_invalid, quota_exceeded, version_not_uploading, blob_swept; what the object store fails with
 */
@Injectable()
export class StoreFile {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly uploads: OpenUploads,
    private readonly sealed: SealedStore,
    private readonly storage: VersionStorage,
    private readonly audit: AuditLog,
  ) {}

  async execute(
    actor: Actor,
    version: VersionRow,
    path: string,
    { body: source, lengthBytes = 0 }: FileBody,
  ): Promise<ManifestFile> {
    requireFilePath(path);
    const { id, model } = version;
    const maxBytes = await this.#admit(version, lengthBytes);
    const dataKey = await this.uploads.keyFor(id, model.projectId);
    const { dataKeyId, key } = dataKey;
    const blobKey = this.sealed.newBlobKey(`versions/${id}`);
    await this.storage.loose.announce(id, blobKey);
    let stored: SealedFile | undefined;
    try {
      stored = await this.sealed.write({ dataKeyId, key, path, source, blobKey, maxBytes, withTree: true });
      return await this.#record(actor, version, { path, ...stored }, dataKey);
    } catch (error) {
      // A refusal of ours, or a source that broke off, means that nothing was recorded. After any other failure it may have
      // been, as when the database dies during the commit: the blob stays, and the collector clears away what has no row.
      if (stored === undefined || error instanceof RegistryError) await this.storage.loose.discard(blobKey);
      if (error instanceof VaultError && error.code === 'file_too_large')
        await this.#admit(version, maxBytes + 1);
      throw error;
    }
  }

  /** Resolves with the room that the quota leaves. */
  #admit({ id, model }: VersionRow, askedBytes: number): Promise<number> {
    return this.database.transaction(async (tx) => {
      await this.versions.lockUploading(tx, id);
      return this.storage.usage.admit(tx, model.project, askedBytes);
    });
  }

  async #record(
    actor: Actor,
    { id, model }: VersionRow,
    file: SealedFile & { readonly path: string },
    dataKey: DataKeyInHand,
  ): Promise<ManifestFile> {
    const { loose, usage } = this.storage;
    const { blobKey, ...stored } = file;
    const { sizeBytes } = stored;
    const replaced = await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, id);
      await usage.admit(tx, model.project, sizeBytes);
      await loose.claim(tx, blobKey);
      await dataKey.record(tx);
      const previous = await this.versions.putFile(tx, id, { ...file, dataKeyId: dataKey.dataKeyId });
      await loose.letGo(tx, id, previous);
      await this.audit.append(tx, registryEvents.fileStored(actor, version, stored));
      return previous;
    });
    if (replaced.length > 0) await loose.sweep({ blobKey: { in: replaced } });
    return stored;
  }
}
