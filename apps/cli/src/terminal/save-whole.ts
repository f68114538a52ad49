import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Saves an answer's body. One that is cut half-way never stands under its final name. */
export async function saveWhole(response: Response, output: string): Promise<void> {
  const partial = `${output}.part`;
  try {
    if (response.body === null) throw new Error('the answer has no body');
    await pipeline(Readable.fromWeb(response.body), createWriteStream(partial));
    await rename(partial, output);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
