import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { ManifestFile } from '@castellan/contracts';
import { Database, type Tx } from '@castellan/database';
import type { DataKeyInHand } from '@castellan/vault';
import { registryEvents } from '../registry-events.js';
import { LooseBlobs } from '../storage/loose-blobs.js';
import { type VersionRow, VersionStore } from '../versions/version-store.js';
import { offsetConflict, uploadUnknown } from './upload-refusals.js';
import { type NewSegment, type UploadRow, UploadStore } from './upload-store.js';

/** The digest after a segment: of the whole file where it is the last, else the state to go on from. */
export type SegmentDigest =
  | { readonly sha256: string; readonly sha256Tree?: string }
  | { readonly state: Uint8Array; readonly treeState?: Uint8Array };

/**
 * Records a sealed segment, and with the last one the file. Of several that append from one offset the first to come here
 * wins; the others are refused, whatever process they are in.
 */
@Injectable()
export class RecordSegment {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly uploads: UploadStore,
    private readonly loose: LooseBlobs,
    private readonly audit: AuditLog,
  ) {}

  async execute(
    actor: Actor,
    { id, versionId }: UploadRow,
    segment: NewSegment,
    { dataKey, ...digest }: SegmentDigest & { readonly dataKey: DataKeyInHand },
  ): Promise<UploadRow> {
    const recorded = await this.database.transaction(async (tx) => {
      const version = await this.versions.lockUploading(tx, versionId);
      const found = await this.uploads.inTransaction(tx, id);
      if (found === null) throw uploadUnknown();
      if (Number(found.offsetBytes) !== segment.startBytes) throw offsetConflict(found.offsetBytes);
      await this.loose.claim(tx, segment.blobKey);
      await dataKey.record(tx);
      const upload = await this.uploads.advance(tx, id, segment, 'state' in digest ? digest : undefined);
      if ('sha256' in digest) return this.#finish(tx, actor, version, upload, digest);
      await this.versions.touch(tx, versionId);
      const { path, offsetBytes } = upload;
      const reached = { path, offsetBytes: Number(offsetBytes) };
      await this.audit.append(tx, registryEvents.uploadAdvanced(actor, version, reached));
      return { upload, replaced: [] };
    });
    if (recorded.replaced.length > 0) await this.loose.sweep({ blobKey: { in: recorded.replaced } });
    return recorded.upload;
  }

  async #finish(
    tx: Tx,
    actor: Actor,
    version: VersionRow,
    { id, path, lengthBytes, segments }: UploadRow,
    digests: Pick<ManifestFile, 'sha256' | 'sha256Tree'>,
  ): Promise<{ upload: UploadRow; replaced: string[] }> {
    const [first] = segments;
    if (first === undefined) throw new Error('an upload that is finished has a segment');
    const { blobKey, dataKeyId } = first;
    const file = { path, sizeBytes: Number(lengthBytes), ...digests };
    const replaced = await this.versions.putFile(tx, version.id, { ...file, blobKey, dataKeyId }, id);
    await this.loose.letGo(tx, version.id, replaced);
    const upload = await this.uploads.finish(tx, id);
    await this.audit.append(tx, registryEvents.fileStored(actor, version, file));
    return { upload, replaced };
  }
}
