import { randomUUID, type KeyObject } from 'node:crypto';
import type { BlobStore } from '@castellan/blob-store';
import { StreamKey } from '@castellan/sealed-stream';
import { MeasuredSource } from './measured-source.js';
import { sealInThreads } from './seal-in-threads.js';
import { sealedFileContext } from './sealed-file-context.js';
import { Sha256Stream } from './sha256-stream.js';

export interface FileToSeal {
  readonly dataKeyId: string;
  readonly key: KeyObject;
  /** The file's path within its version or dataset; bound into the sealing. */
  readonly path: string;
  readonly source: AsyncIterable<Uint8Array>;
  /** Where in the store, as a blob key: `versions/<id>`. Default: a folder of the data key's own. */
  readonly folder?: string;
  /** The whole name, for a caller that wrote it down first. Default: a new one in `folder`. */
  readonly blobKey?: string;
  /** Default: no limit. */
  readonly maxBytes?: number;
}

/** A piece of a file, sealed by itself, so that what has arrived is safe before the rest comes. */
export interface SegmentToSeal extends Omit<FileToSeal, 'folder' | 'blobKey' | 'maxBytes'> {
  readonly blobKey: string;
  /** Where in the file it begins; bound into the sealing. */
  readonly startBytes: number;
  /** Of the file so far; the segment is added. Let go of when it fails. */
  readonly digest: Sha256Stream;
}

export interface SealedFile {
  readonly blobKey: string;
  /** Of the plaintext. */
  readonly sizeBytes: number;
  /** Of the plaintext, lowercase hexadecimal. */
  readonly sha256: string;
}

/** The only way in which bytes worth protecting reach the object store: sealed as they arrive, in constant memory. */
export class SealedStore {
  constructor(private readonly blobs: BlobStore) {}

  /** A name that nothing has yet. */
  newBlobKey(folder: string): string {
    return `${folder}/${randomUUID()}`;
  }

  /**
   * Seals a stream into a new blob; when it resolves, the blob is durable. When the source fails or is longer than
   * `maxBytes` (`file_too_large`), nothing stays behind. Fails further with the object store's own errors.
   */
  async write({ dataKeyId, key, path, source, folder, maxBytes, ...named }: FileToSeal): Promise<SealedFile> {
    const blobKey = named.blobKey ?? this.newBlobKey(folder ?? `data-keys/${dataKeyId}`);
    const plaintext = new MeasuredSource(source, maxBytes ?? Infinity);
    const digest = new Sha256Stream();
    const context = sealedFileContext(dataKeyId, path);
    await this.seal(blobKey, StreamKey.create(key, context), plaintext, digest);
    return { blobKey, sizeBytes: plaintext.sizeBytes, sha256: await digest.digest() };
  }

  /** As `write`, for a part of a file. Resolves with its length. */
  async writeSegment(segment: SegmentToSeal): Promise<{ readonly sizeBytes: number }> {
    const { dataKeyId, key, path, startBytes, blobKey, source, digest } = segment;
    const plaintext = new MeasuredSource(source, Infinity);
    const context = sealedFileContext(dataKeyId, path, startBytes);
    await this.seal(blobKey, StreamKey.create(key, context), plaintext, digest);
    return { sizeBytes: plaintext.sizeBytes };
  }

  /** The ciphertext. */
  read(blobKey: string): AsyncIterable<Uint8Array> {
    return this.blobs.get(blobKey);
  }

  /** The keys of all blobs whose key starts so. */
  list(prefix: string): AsyncIterable<string> {
    return this.blobs.list(prefix);
  }

  /** A blob that is gone already is no failure. */
  async remove(blobKey: string): Promise<void> {
    await this.blobs.delete(blobKey);
  }

  /**
   * Removes everything in `folder` but the blobs in `keep`: what a process that died between storing a blob and recording
   * it has left. Only for folders that nobody writes to any more.
   */
  async removeUnreferenced(folder: string, keep: readonly string[]): Promise<void> {
    const kept = new Set(keep);
    for await (const blobKey of this.blobs.list(`${folder}/`)) {
      if (!kept.has(blobKey)) await this.blobs.delete(blobKey);
    }
  }

  private async seal(
    blobKey: string,
    key: StreamKey,
    source: MeasuredSource,
    digest: Sha256Stream,
  ): Promise<void> {
    try {
      await this.blobs.put(blobKey, sealInThreads(key, source, digest));
    } catch (error) {
      digest.discard();
      throw error;
    }
  }
}
