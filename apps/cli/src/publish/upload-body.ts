import { createReadStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Progress } from '../terminal/progress.js';

const CHUNK_BYTES = 1 << 18;

/** A file's bytes as a request body, counted as they leave; memory stays constant. */
export function uploadBody(file: string, progress: Progress): ReadableStream {
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      progress.advance(chunk.length);
      done(null, chunk);
    },
  });
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  source.once('error', (error) => counted.destroy(error));
  counted.once('close', () => source.destroy());
  return Readable.toWeb(source.pipe(counted));
}
