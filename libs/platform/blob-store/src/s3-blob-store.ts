import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { requireBlobKey, requireBlobPrefix } from './blob-key.js';
import { BlobStoreError } from './blob-store-error.js';
import { BlobStore, type BlobReader } from './blob-store.js';
import type { S3Address } from './s3-address.js';
import { onS3 } from './s3-failure.js';

/** At most 10,000 parts make an object: 312 GiB at this size. */
const PART_BYTES = 32 * 1024 * 1024;
/** While a further one fills. */
const PARTS_IN_FLIGHT = 2;
/** How often a download may be cut without a byte of progress before it fails. */
const MAX_FRUITLESS_READS = 4;

export interface S3Options {
  /** Default: AWS's own order of places (environment, profile, instance). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** How long a connection may be silent. Default 30 s. */
  readonly idleTimeoutMs?: number;
  /** How often a request is tried. Default 4. */
  readonly maxAttempts?: number;
  /** At least 5 MiB, at most 10,000 to a blob; about three are in memory. Default 32 MiB. */
  readonly partBytes?: number;
}

/**
 * A bucket as object store: AWS S3 or any server of its protocol that honours `If-None-Match: *` on PutObject and on
 * CompleteMultipartUpload; write-once rests on it.
 *
 * Long blobs go up in parts, which become visible together or not at all. A process that dies in between leaves parts that
 * nobody sees: give the bucket a lifecycle rule that aborts incomplete uploads. Downloads that are cut go on where they were.
 */
export class S3BlobStore extends BlobStore {
  private constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly folder: string,
    private readonly partBytes: number,
  ) {
    super();
  }

  /** Fails with `blob_store_unavailable` when the bucket does not answer, or not to us. */
  static async open(address: S3Address, options: S3Options = {}): Promise<S3BlobStore> {
    const { credentials, idleTimeoutMs = 30_000, maxAttempts = 4, partBytes = PART_BYTES } = options;
    const client = new S3Client({
      region: address.region,
      forcePathStyle: address.addressing === 'path',
      maxAttempts,
      requestHandler: { connectionTimeout: 5_000, socketTimeout: idleTimeoutMs },
      ...(address.endpoint !== undefined && { endpoint: address.endpoint }),
      ...(credentials !== undefined && { credentials }),
    });
    try {
      await client.send(new HeadBucketCommand({ Bucket: address.bucket }));
    } catch (cause) {
      throw new BlobStoreError('blob_store_unavailable', cause);
    }
    return new S3BlobStore(
      client,
      address.bucket,
      address.prefix === '' ? '' : `${address.prefix}/`,
      partBytes,
    );
  }

  override async put(key: string, source: AsyncIterable<Uint8Array>): Promise<{ sizeBytes: number }> {
    const object = this.objectOf(key);
    if (await this.exists(object)) throw new BlobStoreError('blob_exists');
    const counted = new CountedSource(source);
    const writer = randomUUID();
    const upload = new Upload({
      client: this.client,
      params: {
        ...object,
        IfNoneMatch: '*',
        Metadata: { writer },
        Body: Readable.from(counted, { highWaterMark: 1 }),
      },
      partSize: this.partBytes,
      queueSize: PARTS_IN_FLIGHT,
    });
    try {
      await onS3(() => upload.done());
    } catch (failure) {
      if (counted.failure !== undefined) throw counted.failure.cause;
      // A request that was repeated after its answer got lost is refused by what it wrote itself the first time.
      if (!(await this.wasWrittenBy(writer, object, failure))) throw failure;
    }
    return { sizeBytes: counted.sizeBytes };
  }

  override async *get(key: string): AsyncGenerator<Uint8Array, void, undefined> {
    const object = this.objectOf(key);
    let position = 0;
    let fruitless = 0;
    for (let whole: { sizeBytes: number; etag: string | undefined } | undefined; ;) {
      if (whole !== undefined && position >= whole.sizeBytes) return;
      const rest = position === 0 ? {} : { Range: `bytes=${position}-`, IfMatch: whole?.etag };
      const {
        Body,
        ContentLength = 0,
        ETag,
      } = await onS3(() => this.client.send(new GetObjectCommand({ ...object, ...rest })));
      whole ??= { sizeBytes: ContentLength, etag: ETag };
      const before = position;
      try {
        for await (const piece of piecesOf(Body)) {
          position += piece.byteLength;
          yield piece;
        }
      } catch (cause) {
        fruitless = position === before ? fruitless + 1 : 0;
        if (fruitless >= MAX_FRUITLESS_READS) throw new BlobStoreError('blob_store_unavailable', cause);
      }
    }
  }

  override async reader(key: string): Promise<BlobReader> {
    const object = this.objectOf(key);
    const { ContentLength = 0, ETag } = await onS3(() => this.client.send(new HeadObjectCommand(object)));
    return {
      sizeBytes: ContentLength,
      readInto: (offset, target) => this.readInto({ ...object, IfMatch: ETag }, offset, target),
      close: async () => undefined,
    };
  }

  override async readAt(key: string, offset: number, lengthBytes: number): Promise<Uint8Array> {
    const object = this.objectOf(key);
    if (!isCount(lengthBytes)) throw new BlobStoreError('blob_range_invalid');
    if (lengthBytes === 0 && offset > (await this.size(key))) throw new BlobStoreError('blob_range_invalid');
    const bytes = Buffer.allocUnsafe(lengthBytes);
    await this.readInto(object, offset, bytes);
    return bytes;
  }

  override async size(key: string): Promise<number> {
    const object = this.objectOf(key);
    const { ContentLength = 0 } = await onS3(() => this.client.send(new HeadObjectCommand(object)));
    return ContentLength;
  }

  override async delete(key: string): Promise<void> {
    const object = this.objectOf(key);
    await onS3(() => this.client.send(new DeleteObjectCommand(object)));
  }

  override async *list(prefix: string): AsyncGenerator<string, void, undefined> {
    requireBlobPrefix(prefix);
    const query = { Bucket: this.bucket, Prefix: this.folder + prefix };
    const pages = paginateListObjectsV2({ client: this.client }, query);
    for (;;) {
      const { value: page, done } = await onS3(() => pages.next());
      if (done === true || page === undefined) return;
      for (const { Key } of page.Contents ?? []) {
        if (Key !== undefined) yield Key.slice(this.folder.length);
      }
    }
  }

  private async readInto(
    object: ObjectName & { readonly IfMatch?: string | undefined },
    offset: number,
    target: Uint8Array,
  ): Promise<void> {
    if (!isCount(offset)) throw new BlobStoreError('blob_range_invalid');
    if (target.byteLength === 0) return;
    const Range = `bytes=${offset}-${offset + target.byteLength - 1}`;
    for (let fruitless = 1; ; fruitless++) {
      const { Body, ContentLength } = await onS3(() =>
        this.client.send(new GetObjectCommand({ ...object, Range })),
      );
      try {
        // The protocol cuts a range at the end of the object; ours refuses it.
        if (ContentLength !== target.byteLength) throw new BlobStoreError('blob_range_invalid');
        return await fill(target, piecesOf(Body));
      } catch (cause) {
        if (cause instanceof BlobStoreError) throw cause;
        if (fruitless >= MAX_FRUITLESS_READS) throw new BlobStoreError('blob_store_unavailable', cause);
      }
    }
  }

  private async exists(object: ObjectName): Promise<boolean> {
    return this.writerOf(object).then(
      () => true,
      (error: unknown) => {
        if (error instanceof BlobStoreError && error.code === 'blob_missing') return false;
        throw error;
      },
    );
  }

  private async wasWrittenBy(writer: string, object: ObjectName, failure: unknown): Promise<boolean> {
    if (!(failure instanceof BlobStoreError) || failure.code !== 'blob_exists') return false;
    return (await this.writerOf(object)) === writer;
  }

  private async writerOf(object: ObjectName): Promise<string | undefined> {
    const { Metadata } = await onS3(() => this.client.send(new HeadObjectCommand(object)));
    return Metadata?.['writer'];
  }

  private objectOf(key: string): ObjectName {
    requireBlobKey(key);
    return { Bucket: this.bucket, Key: this.folder + key };
  }
}

interface ObjectName {
  readonly Bucket: string;
  readonly Key: string;
}

/** Counts what passes, and remembers the source's own failure, which the client would wrap or lose. */
class CountedSource {
  sizeBytes = 0;
  failure: { readonly cause: unknown } | undefined;

  constructor(private readonly source: AsyncIterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    let passing = false;
    try {
      for await (const piece of this.source) {
        this.sizeBytes += piece.byteLength;
        passing = true;
        // The client gathers pieces into parts, longer than the source leaves them alone.
        if (piece.byteLength > 0) yield Buffer.from(piece);
        passing = false;
      }
    } catch (cause) {
      // What is thrown in while a piece passes comes from a reader that gives up.
      if (!passing) this.failure = { cause };
      throw cause;
    }
  }
}

async function* piecesOf(body: unknown): AsyncGenerator<Uint8Array, void, undefined> {
  if (!(body instanceof Readable)) throw new BlobStoreError('blob_store_unavailable');
  for await (const piece of body) {
    if (piece instanceof Uint8Array) yield piece;
  }
}

async function fill(target: Uint8Array, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  let filled = 0;
  for await (const piece of pieces) {
    target.set(piece.subarray(0, target.byteLength - filled), filled);
    filled += piece.byteLength;
  }
  if (filled !== target.byteLength)
    throw new Error(`a body of ${filled} bytes instead of ${target.byteLength}`);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
