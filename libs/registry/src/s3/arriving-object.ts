import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { VerifiedSignature } from '@castellan/access';
import { awsChunked } from './aws-chunked.js';
import { type Checksum, checksumOf } from './checksums.js';
import {
  checksumUnknown,
  objectDiffers,
  objectIncomplete,
  objectLengthMissing,
  objectSignatureMismatch,
} from './s3-refusals.js';

export interface ArrivingObject {
  /** Ends with an error where the bytes are not what the request vouches for; nothing may be made of them before. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly lengthBytes: number;
}

const SIGNED_CHUNKS = ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'];
const CHECKSUM = 'x-amz-checksum-';

/**
 * The bytes of an object out of a request's body, held against everything that the request says of them: its signed SHA-256
 * or the signatures of its chunks, checksums in headers or in the trailer, Content-MD5, its length.
 *
 * @throws object_length_missing, s3_not_offered for a checksum that nobody knows. While reading: object_malformed,
 *   object_signature_mismatch, object_differs, object_incomplete
 */
export function arrivingObject(
  headers: IncomingHttpHeaders,
  source: AsyncIterable<Uint8Array>,
  signature: VerifiedSignature | undefined,
): ArrivingObject {
  const payload = text(headers['x-amz-content-sha256']) ?? 'UNSIGNED-PAYLOAD';
  const chunked = payload.startsWith('STREAMING-');
  const lengthBytes = lengthOf(headers[chunked ? 'x-amz-decoded-content-length' : 'content-length']);
  const expected = expectedChecksums(headers);
  if (!chunked && payload !== 'UNSIGNED-PAYLOAD') expected.push(signedSha256(payload));
  if (!chunked) return { body: checked(source, lengthBytes, expected), lengthBytes };
  const signedBy = SIGNED_CHUNKS.includes(payload) ? signature : undefined;
  if (SIGNED_CHUNKS.includes(payload) !== (signedBy !== undefined)) throw objectSignatureMismatch();
  if (signedBy === undefined && payload !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    throw checksumUnknown(payload);
  const trailing = trailingChecksum(headers);
  if (trailing !== undefined) expected.push(trailing.expected);
  const onTrailers = (trailers: ReadonlyMap<string, string>) => trailing?.arrived(trailers);
  const decoded = awsChunked({ source, ...(signedBy && { signedBy }), onTrailers });
  return { body: checked(decoded, lengthBytes, expected), lengthBytes };
}

interface Expected {
  readonly name: string;
  readonly running: Checksum;
  /** Known when the body has ended. */
  readonly value: () => string | undefined;
}

/** Passes bytes on, and fails at the end where one of the digests is another. */
async function* checked(
  source: AsyncIterable<Uint8Array>,
  lengthBytes: number,
  expected: readonly Expected[],
): AsyncGenerator<Uint8Array, void, undefined> {
  let came = 0;
  for await (const piece of source) {
    came += piece.byteLength;
    if (came > lengthBytes) throw objectIncomplete(lengthBytes, came);
    for (const { running } of expected) running.update(piece);
    yield piece;
  }
  if (came !== lengthBytes) throw objectIncomplete(lengthBytes, came);
  for (const { name, running, value } of expected)
    if (running.base64() !== value()) throw objectDiffers(name);
}

/** Holds a whole object, at its completion, against what the client took of it. */
export function checkedWhole(
  source: AsyncIterable<Uint8Array>,
  lengthBytes: number,
  headers: IncomingHttpHeaders,
): AsyncIterable<Uint8Array> {
  const whole = headers['x-amz-checksum-type'] === 'FULL_OBJECT';
  // Content-MD5 is of the list of parts.
  const ofObject = { ...headers, 'content-md5': undefined };
  return checked(source, lengthBytes, whole ? expectedChecksums(ofObject) : []);
}

function expectedChecksums(headers: IncomingHttpHeaders): Expected[] {
  const named = Object.entries(headers).flatMap(([header, value]) => {
    const name = header.slice(CHECKSUM.length);
    return header.startsWith(CHECKSUM) && name !== 'type' && name !== 'algorithm'
      ? [[name, text(value)] as const]
      : [];
  });
  const md5 = text(headers['content-md5']);
  return [...named, ...(md5 === undefined ? [] : [['md5', md5] as const])].map(([name, value]) => ({
    name,
    running: running(name),
    value: () => value,
  }));
}

function trailingChecksum(headers: IncomingHttpHeaders) {
  const trailer = text(headers['x-amz-trailer'])?.toLowerCase();
  if (trailer === undefined) return undefined;
  const name = trailer.startsWith(CHECKSUM) ? trailer.slice(CHECKSUM.length) : trailer;
  let came: string | undefined;
  const expected: Expected = { name, running: running(name), value: () => came };
  return {
    expected,
    arrived: (trailers: ReadonlyMap<string, string>) => {
      came = trailers.get(trailer);
    },
  };
}

/** @throws s3_not_offered for what is no SHA-256 either */
function signedSha256(hex: string): Expected {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw checksumUnknown(hex);
  const hash = createHash('sha256');
  const taken = { update: (bytes: Uint8Array) => void hash.update(bytes), base64: () => hash.digest('hex') };
  return { name: 'SHA-256', running: taken, value: () => hex };
}

function running(name: string): Checksum {
  const checksum = checksumOf(name);
  if (checksum === undefined) throw checksumUnknown(name);
  return checksum;
}

function lengthOf(header: string | string[] | undefined): number {
  const length = /^\d{1,15}$/.test(text(header) ?? '') ? Number(header) : undefined;
  if (length === undefined) throw objectLengthMissing();
  return length;
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
