import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3AccessKey, S3Source } from '@castellan/contracts';
import { bucketAddress, endpointOf, objectName } from './bucket-address.js';
import { objectAway, s3Failure, sourceChanged } from './s3-failure.js';
import { sourceRefused } from './source-refused.js';

/** As a sealed one: a table is measured in memory. */
const LARGEST_OBJECT_BYTES = 512 << 20;
const RANGE_BYTES = 8 << 20;

export interface S3Patience {
  /** How long a connection may be silent. */
  readonly idleMs: number;
  /** How long all of an object may take, however little comes at a time. */
  readonly wholeMs: number;
  /** How often a request is made, and how often an answer that is cut is asked for. */
  readonly attempts: number;
}

const PATIENCE: S3Patience = { idleMs: 8_000, wholeMs: 10 * 60_000, attempts: 2 };

/** Which object stood under the name. With a version it is that one for ever; without, its ETag is asked for. */
export interface ObjectIdentity {
  readonly etag: string;
  readonly versionId?: string | undefined;
  readonly sizeBytes: number;
}

/** One object of somebody's bucket, read and never written. What is sent elsewhere is not followed. */
export class S3Object implements Disposable {
  private readonly client: S3Client;
  private readonly name: { readonly Bucket: string; readonly Key: string };

  constructor(
    private readonly source: S3Source,
    accessKey: S3AccessKey,
    private readonly patience: S3Patience = PATIENCE,
  ) {
    this.name = { Bucket: source.bucket, Key: source.key };
    this.client = new S3Client({
      endpoint: endpointOf(source),
      region: source.region,
      // A copy: the client writes into it.
      credentials: { ...accessKey },
      forcePathStyle: source.addressing === 'path',
      followRegionRedirects: false,
      maxAttempts: patience.attempts,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 5_000, socketTimeout: patience.idleMs },
    });
  }

  /** What stands under the name now. @throws source_refused, source_unavailable */
  async identity(): Promise<ObjectIdentity> {
    const {
      ETag: etag,
      VersionId: version,
      ContentLength: sizeBytes = 0,
    } = await this.client.send(new HeadObjectCommand(this.name)).catch((cause: unknown) => {
      throw s3Failure(cause, this.source, false);
    });
    if (etag === undefined || etag.startsWith('W/'))
      throw sourceRefused(
        `The store has no ETag for ${objectName(this.source)} that tells two objects apart.`,
      );
    if (sizeBytes === 0) throw sourceRefused(`The object ${objectName(this.source)} is empty.`);
    if (sizeBytes > LARGEST_OBJECT_BYTES)
      throw sourceRefused(
        `The object ${objectName(this.source)} has ${sizeBytes} bytes; ${LARGEST_OBJECT_BYTES} are the most.`,
      );
    // Before a bucket kept versions, they are all called "null".
    return {
      etag,
      sizeBytes,
      ...(version === undefined || version === 'null' ? {} : { versionId: version }),
    };
  }

  /** That object and no other, a range at a time. @throws source_changed, source_refused, source_unavailable */
  async *read(identity: ObjectIdentity): AsyncGenerator<Uint8Array> {
    const until = Date.now() + this.patience.wholeMs;
    for (let start = 0; start < identity.sizeBytes; start += RANGE_BYTES)
      yield await this.range(identity, start, Math.min(start + RANGE_BYTES, identity.sizeBytes), until);
  }

  [Symbol.dispose](): void {
    this.client.destroy();
  }

  /** An answer that was cut is asked for again; the client itself has tried again what got none. */
  private async range(
    identity: ObjectIdentity,
    start: number,
    end: number,
    until: number,
  ): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      const body = await this.ask(identity, start, end);
      const limits = { until, idleMs: this.patience.idleMs };
      const bytes = await filled(body, end - start, limits).catch(() => undefined);
      if (bytes !== undefined) return bytes;
      if (attempt >= this.patience.attempts || Date.now() >= until) throw objectAway(this.source);
    }
  }

  private async ask(identity: ObjectIdentity, start: number, end: number): Promise<Readable> {
    const { etag, versionId, sizeBytes } = identity;
    const range = `${start}-${end - 1}`;
    const { Body, ContentRange, ETag } = await this.client
      .send(
        new GetObjectCommand({
          ...this.name,
          IfMatch: etag,
          ...(versionId === undefined ? {} : { VersionId: versionId }),
          Range: `bytes=${range}`,
        }),
      )
      .catch((cause: unknown) => {
        throw s3Failure(cause, this.source, true);
      });
    if (!(Body instanceof Readable)) throw objectAway(this.source);
    if (ETag === etag && ContentRange === `bytes ${range}/${sizeBytes}`) return Body;
    Body.destroy();
    // A server may make of a condition what it likes.
    if (ETag !== etag || ContentRange !== undefined) throw sourceChanged(this.source);
    throw sourceRefused(`The store at ${bucketAddress(this.source)} gives no parts of an object.`);
  }
}

/** Fails unless so many bytes come, in time. Leaving early ends the connection. */
async function filled(
  body: Readable,
  sizeBytes: number,
  { until, idleMs }: { until: number; idleMs: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  // Once an answer has begun, the client's own watch over silence may be off.
  const watch = setTimeout(() => body.destroy(new Error('silent')), idleMs);
  try {
    let at = 0;
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      if (Date.now() > until) throw new Error('too slow');
      watch.refresh();
      bytes.set(piece, at);
      at += piece.length;
    }
    if (at !== sizeBytes) throw new Error('cut short');
    return bytes;
  } finally {
    clearTimeout(watch);
  }
}
