import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { VerifiedSignature } from '@castellan/access';
import { ByteReader } from './byte-reader.js';
import { objectMalformed, objectSignatureMismatch } from './s3-refusals.js';

const EMPTY = createHash('sha256').digest('hex');
const MAX_TRAILERS = 20;

export interface ChunkedBody {
  readonly source: AsyncIterable<Uint8Array>;
  /** Each chunk, and the trailer, is signed; each signature goes on from the one before, the first from this. */
  readonly signedBy?: VerifiedSignature;
  /** Given what followed the last chunk, lower-case names. */
  readonly onTrailers: (trailers: ReadonlyMap<string, string>) => void;
}

/**
 * The bytes of a body in S3's own framing, `aws-chunked`, with or without signed chunks and trailing checksums
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html). A chunk's bytes are
 * given out before its signature is known to be right: nothing may be made of them before the iteration ends without an error.
 *
 * @throws object_malformed, object_signature_mismatch
 */
export async function* awsChunked({ source, signedBy, onTrailers }: ChunkedBody) {
  const reader = new ByteReader(source);
  const signatures = signedBy === undefined ? undefined : new ChunkSignatures(signedBy);
  for (;;) {
    const { sizeBytes, signature } = chunkHeader(await reader.line());
    const hash = createHash('sha256');
    for await (const piece of reader.take(sizeBytes)) {
      if (signatures !== undefined) hash.update(piece);
      yield piece;
    }
    signatures?.chunk(hash.digest('hex'), signature);
    if (sizeBytes === 0) break;
    if ((await reader.line()) !== '') throw objectMalformed();
  }
  onTrailers(await trailers(reader, signatures));
  await reader.end();
}

function chunkHeader(line: string): { sizeBytes: number; signature?: string } {
  const [, size, signature] = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line) ?? [];
  if (size === undefined) throw objectMalformed();
  return { sizeBytes: parseInt(size, 16), ...(signature !== undefined && { signature }) };
}

async function trailers(reader: ByteReader, signatures: ChunkSignatures | undefined) {
  const found = new Map<string, string>();
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const [, name, value] = /^([\w-]+):(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined || found.size >= MAX_TRAILERS) throw objectMalformed();
    found.set(name.toLowerCase(), value.trim());
  }
  const signature = found.get('x-amz-trailer-signature');
  found.delete('x-amz-trailer-signature');
  if (found.size > 0) signatures?.trailer(found, signature);
  return found;
}

class ChunkSignatures {
  #before: string;

  constructor(private readonly seed: VerifiedSignature) {
    this.#before = seed.signature;
  }

  chunk(sha256: string, signature: string | undefined): void {
    this.#check('AWS4-HMAC-SHA256-PAYLOAD', [EMPTY, sha256], signature);
  }

  trailer(found: ReadonlyMap<string, string>, signature: string | undefined): void {
    const text = [...found].map(([name, value]) => `${name}:${value}\n`).join('');
    const sha256 = createHash('sha256').update(text).digest('hex');
    this.#check('AWS4-HMAC-SHA256-TRAILER', [sha256], signature);
  }

  #check(kind: string, digests: readonly string[], signature: string | undefined): void {
    const { amzDate, scope, signingKey } = this.seed;
    const text = [kind, amzDate, scope, this.#before, ...digests].join('\n');
    const expected = createHmac('sha256', signingKey).update(text).digest();
    const given = Buffer.from(signature ?? '', 'hex');
    if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected))
      throw objectSignatureMismatch();
    this.#before = expected.toString('hex');
  }
}
