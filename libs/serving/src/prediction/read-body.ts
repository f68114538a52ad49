import type { IncomingHttpHeaders } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { HttpError } from '@castellan/http';
import { ServingError } from '../serving-error.js';

/** As much as Triton takes by default. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * The whole body, unpacked (gzip, and deflate in zlib's format). The limit holds for what comes out, so that a small
 * body can't grow large.
 * @throws `body_too_large`, `input_malformed`
 */
export async function readBody(source: Readable, headers: IncomingHttpHeaders): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of unpacked(source, headers['content-encoding'])) {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_BODY_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpError || error instanceof ServingError) throw error;
    throw malformed('The body breaks off, or is not packed as it says.', error);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, sizeBytes);
}

function unpacked(source: Readable, encoding = 'identity'): AsyncIterable<Buffer> {
  switch (encoding) {
    case 'identity':
      return source;
    case 'gzip':
      return pipeline(source, createGunzip(), () => undefined);
    case 'deflate':
      return pipeline(source, createInflate(), () => undefined);
    default:
      throw malformed(`The body is packed as ${JSON.stringify(encoding)}; use gzip, deflate or nothing.`);
  }
}

function tooLarge(): HttpError {
  return new HttpError({
    code: 'body_too_large',
    kind: 'invalid',
    publicDetail: `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB.`,
  });
}

function malformed(publicDetail: string, cause?: unknown): ServingError {
  return new ServingError('input_malformed', { kind: 'invalid', publicDetail, cause });
}
