import { Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '@castellan/access';
import { BlobStore } from '@castellan/blob-store';
import type { ManifestFile } from '@castellan/contracts';
import { unsealPieces } from '@castellan/vault';
import { LooseBlobs } from '../storage/loose-blobs.js';
import { OpenUploads } from '../versions/open-uploads.js';
import { StoreFile } from '../versions/store-file.js';
import type { VersionRow } from '../versions/version-store.js';
import { checkedWhole } from './arriving-object.js';
import { DropPartedUpload } from './drop-parted-upload.js';
import type { PartedUpload, StoredPart } from './parted-uploads.js';
import { partedUploadUnknown, partInvalid, partOrderInvalid } from './s3-refusals.js';

export interface NamedPart {
  readonly number: number;
  readonly etag: string;
}

export interface Completion {
  readonly path: string;
  readonly uploadId: string;
  readonly parts: readonly NamedPart[];
  /** May name a checksum of the whole. */
  readonly headers: IncomingHttpHeaders;
}

/**
 * Makes the file of its parts: they are read back once, opened piece by piece in memory, and stored as a file that came in
 * one piece is: same quota, same digests, same event. The parts go then. Asked again it answers the same, while it goes on and
 * afterwards; after a failure it can be tried again.
 *
 * @throws parted_upload_unknown, part_invalid, part_order_invalid, object_differs; what StoreFile throws
 */
@Injectable()
export class CompletePartedUpload {
  constructor(
    private readonly open: OpenUploads,
    private readonly storeFile: StoreFile,
    private readonly blobs: BlobStore,
    private readonly loose: LooseBlobs,
    private readonly drop: DropPartedUpload,
  ) {}

  async execute(actor: Actor, version: VersionRow, asked: Completion): Promise<ManifestFile> {
    const upload = this.open.parted.find(version.id, asked.path, asked.uploadId);
    const completion = (upload.completion ??= this.#complete(actor, version, upload, asked));
    try {
      return await completion;
    } catch (error) {
      if (upload.completion === completion) delete upload.completion;
      throw error;
    }
  }

  async #complete(
    actor: Actor,
    version: VersionRow,
    upload: PartedUpload,
    { parts: named, headers }: Completion,
  ): Promise<ManifestFile> {
    const parts = chosen(upload, named);
    // The collector leaves them alone for another while, unless it was there already.
    if (!(await this.loose.keep(parts.map(({ blobKey }) => blobKey)))) {
      await this.drop.leave(upload);
      throw partedUploadUnknown();
    }
    const lengthBytes = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const body = checkedWhole(this.#opened(upload, parts), lengthBytes, headers);
    const file = await this.storeFile.execute(actor, version, upload.path, { body, lengthBytes });
    upload.completed = true;
    await this.drop.sweep(upload);
    return file;
  }

  /** Each part is held against its SHA-256: one that was replaced can't be put back in its place. */
  async *#opened({ path, key }: PartedUpload, parts: readonly StoredPart[]) {
    for (const { blobKey, dataKeyId, sizeBytes, sha256 } of parts)
      yield* unsealPieces({
        store: this.blobs,
        blobKey,
        dataKeyId,
        key,
        path,
        expected: { sizeBytes, sha256 },
      });
  }
}

function chosen({ parts }: PartedUpload, named: readonly NamedPart[]): StoredPart[] {
  let last = 0;
  return named.map(({ number, etag }) => {
    const part = parts.get(number);
    if (number <= last) throw partOrderInvalid();
    if (part?.sha256 !== etag) throw partInvalid(number);
    last = number;
    return part;
  });
}
