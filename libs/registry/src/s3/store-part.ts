import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { SealedStore } from '@castellan/vault';
import { registryEvents } from '../registry-events.js';
import { VersionStorage } from '../storage/version-storage.js';
import { OpenUploads } from '../versions/open-uploads.js';
import { type VersionRow, VersionStore } from '../versions/version-store.js';
import type { ArrivingObject } from './arriving-object.js';
import { type PartedUpload, partBytes, type StoredPart } from './parted-uploads.js';
import { partedUploadUnknown } from './s3-refusals.js';

export interface PartAddress {
  readonly path: string;
  readonly uploadId: string;
  /** From 1. */
  readonly number: number;
}

/**
 * Seals one part as it arrives, in constant memory, as a blob of its own that stays loose: nothing names it until its bytes
 * are part of a file. Parts come side by side; of two with one number the last to be stored counts. What isn't completed is
 * cleared away by the collector like everything loose.
 *
 * @throws parted_upload_unknown, parted_upload_busy, quota_exceeded, version_not_uploading; what reading the body throws
 */
@Injectable()
export class StorePart {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly open: OpenUploads,
    private readonly sealed: SealedStore,
    private readonly storage: VersionStorage,
    private readonly audit: AuditLog,
  ) {}

  async execute(
    actor: Actor,
    version: VersionRow,
    at: PartAddress,
    part: ArrivingObject,
  ): Promise<StoredPart> {
    const upload = this.open.parted.open(version.id, at.path, at.uploadId);
    upload.arrivingBytes += part.lengthBytes;
    try {
      await this.#admit(version);
      return await this.#store(actor, version, upload, at.number, part);
    } finally {
      upload.arrivingBytes -= part.lengthBytes;
    }
  }

  /** Everything that is held for parts of the project counts, so that many at once don't pass the quota together. */
  #admit({ id, model }: VersionRow): Promise<number> {
    return this.database.transaction(async (tx) => {
      await this.versions.lockUploading(tx, id);
      return this.storage.usage.admit(tx, model.project, this.open.parted.heldBytes(model.projectId));
    });
  }

  async #store(
    actor: Actor,
    version: VersionRow,
    upload: PartedUpload,
    number: number,
    { body: source, lengthBytes: maxBytes }: ArrivingObject,
  ): Promise<StoredPart> {
    const { loose } = this.storage;
    const blobKey = this.sealed.newBlobKey(`versions/${version.id}`);
    const dataKeyId = `part/${upload.id}/${number}`;
    await loose.announce(version.id, blobKey);
    const sealed = await this.#seal(upload, { number, blobKey, dataKeyId }, source, maxBytes)
      .then((part) => this.#record(actor, version, upload, part))
      .catch(async (error: unknown) => {
        // Nothing names it, nor will.
        await loose.discard(blobKey);
        throw error;
      });
    if (sealed.replaced !== undefined) await loose.sweep({ blobKey: sealed.replaced.blobKey });
    return sealed.part;
  }

  async #seal(
    { path, key }: PartedUpload,
    named: Pick<StoredPart, 'number' | 'blobKey' | 'dataKeyId'>,
    source: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<StoredPart> {
    const { blobKey, dataKeyId } = named;
    const { sizeBytes, sha256 } = await this.sealed.write({
      dataKeyId,
      key,
      path,
      source,
      blobKey,
      maxBytes,
    });
    return { ...named, sizeBytes, sha256, storedAt: new Date() };
  }

  async #record(
    actor: Actor,
    { id }: VersionRow,
    upload: PartedUpload,
    part: StoredPart,
  ): Promise<{ part: StoredPart; replaced: StoredPart | undefined }> {
    await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, id);
      await this.versions.touch(tx, id);
      const { path } = upload;
      const offsetBytes = partBytes(upload) + part.sizeBytes;
      await this.audit.append(tx, registryEvents.uploadAdvanced(actor, version, { path, offsetBytes }));
    });
    if (!this.open.parted.isKnown(upload) || upload.completion !== undefined) throw partedUploadUnknown();
    const replaced = upload.parts.get(part.number);
    upload.parts.set(part.number, part);
    upload.touchedAt = part.storedAt;
    return { part, replaced };
  }
}
