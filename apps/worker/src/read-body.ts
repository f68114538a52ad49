import type { Readable } from 'node:stream';
import { WorkerError } from './worker-error.js';

/** The whole body. @throws WorkerError `request_too_large` before more than `maxBytes` are held */
export async function readBody(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Not destroyed when it is given up: then the rest can be dropped, and the connection goes on.
  const pieces: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
  for await (const chunk of pieces) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new WorkerError('request_too_large', {
        kind: 'invalid',
        publicDetail: `A request takes at most ${maxBytes} bytes.`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
