import { createReadStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

const CHUNK_BYTES = 1 << 18;

/** A file's bytes from `start` on as a request body, told as they leave; memory stays constant. */
export function uploadBody(
  file: string,
  onBytes: (bytes: Buffer, at: number) => void,
  start = 0,
): ReadableStream {
  let at = start;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk, at);
      at += chunk.length;
      done(null, chunk);
    },
  });
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES, start });
  source.once('error', (error) => counted.destroy(error));
  counted.once('close', () => source.destroy());
  return Readable.toWeb(source.pipe(counted));
}
