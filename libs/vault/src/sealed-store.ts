import { createHash, randomUUID, type KeyObject } from 'node:crypto';
import type { BlobStore } from '@castellan/blob-store';
import { DigestTree } from '@castellan/merkle-log';
import { StreamKey } from '@castellan/sealed-stream';
import { RUN_PLAIN_BYTES } from './chunk-run.js';
import { MeasuredSource } from './measured-source.js';
import { type DigestsToTake, sealInThreads } from './seal-in-threads.js';
import { sealedFileContext } from './sealed-file-context.js';
import { Sha256Stream } from './sha256-stream.js';
import { VaultError } from './vault-error.js';

/** A shorter file is opened in one go: a tree gains nothing. */
const TREE_BEYOND_BYTES = RUN_PLAIN_BYTES;

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
  /** Whether to take the digest tree too. */
  readonly withTree?: boolean;
}

/** A piece of a file, sealed by itself, so that what has arrived is safe before the rest comes. */
export interface SegmentToSeal extends Omit<FileToSeal, 'folder' | 'blobKey' | 'maxBytes' | 'withTree'> {
  readonly blobKey: string;
  /** Where in the file it begins; bound into the sealing. */
  readonly startBytes: number;
  /** Of the file so far; the segment is added. Let go of when it fails. */
  readonly digest: DigestsToTake;
}

export interface SealedFile {
  readonly blobKey: string;
  /** Of the plaintext. */
  readonly sizeBytes: number;
  /** Of the plaintext, lowercase hexadecimal. */
  readonly sha256: string;
  /** Root of the plaintext's digest tree, where it was asked for and the file is long enough to have one. */
  readonly sha256Tree?: string;
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
  async write({
    dataKeyId,
    key,
    path,
    source,
    folder,
    maxBytes,
    withTree,
    ...named
  }: FileToSeal): Promise<SealedFile> {
    const blobKey = named.blobKey ?? this.newBlobKey(folder ?? `data-keys/${dataKeyId}`);
    const plaintext = new MeasuredSource(source, maxBytes ?? Infinity);
    const sha256 = new Sha256Stream();
    const tree = withTree === true ? new DigestTree() : undefined;
    const context = sealedFileContext(dataKeyId, path);
    const digest = { sha256, ...(tree && { tree }) };
    await this.seal(blobKey, StreamKey.create(key, context), plaintext, digest);
    const { sizeBytes } = plaintext;
    return { blobKey, sizeBytes, sha256: await sha256.digest(), ...rootOf(tree, sizeBytes) };
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

  /** Of the ciphertext. Fails with `blob_missing`. */
  size(blobKey: string): Promise<number> {
    return this.blobs.size(blobKey);
  }

  /**
   * Ciphertext that another platform sealed, as it arrives; nothing stays of what has another digest. Fails with
   * `transfer_differs`; with the object store's errors.
   */
  async receive(blobKey: string, sha256: string, source: AsyncIterable<Uint8Array>): Promise<void> {
    await this.blobs.put(blobKey, ofDigest(sha256, source));
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
    digest: DigestsToTake,
  ): Promise<void> {
    try {
      await this.blobs.put(blobKey, sealInThreads(key, source, digest));
    } catch (error) {
      digest.sha256.discard();
      throw error;
    }
  }
}

async function* ofDigest(sha256: string, source: AsyncIterable<Uint8Array>) {
  const hash = createHash('sha256');
  for await (const piece of source) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') === sha256) return;
  throw new VaultError('transfer_differs', {
    kind: 'invalid',
    publicDetail: `What arrived does not have the SHA-256 ${sha256}. It was changed on its way, or cut short.`,
  });
}

/** What a manifest says of a file's digest tree. */
export function rootOf(tree: DigestTree | undefined, sizeBytes: number): { readonly sha256Tree?: string } {
  return tree === undefined || sizeBytes <= TREE_BEYOND_BYTES ? {} : { sha256Tree: tree.root() };
}
