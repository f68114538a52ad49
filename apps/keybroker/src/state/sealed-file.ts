import { randomUUID, type KeyObject } from 'node:crypto';
import { open as openFile, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { open, seal } from '@castellan/sealed-stream';

/** How the names of files end that are being written. */
export const UNFINISHED = '.new';

/**
 * A small text of the broker's, sealed under the folder's state key and bound to its file name.
 *
 * `write` replaces the whole text: it resolves when the new text is durable; a crash leaves the old or the new one. Writers
 * take turns by themselves. It can't tell an older genuine file from the current one: the folder must not be restored.
 */
export class SealedFile {
  readonly #context: Uint8Array;

  constructor(
    private readonly path: string,
    private readonly stateKey: KeyObject,
  ) {
    this.#context = Buffer.from(`castellan/keybroker/state/v1/${basename(path)}`);
  }

  /** @throws SealedStreamError `unsealing_failed`; the file system's error when there is no file */
  async read(): Promise<string> {
    const sealed = await readFile(this.path);
    return collect(open(this.stateKey, this.#context, Readable.from([sealed])));
  }

  async write(text: string): Promise<void> {
    const temporary = `${this.path}.${randomUUID()}${UNFINISHED}`;
    try {
      await writeDurably(temporary, seal(this.stateKey, this.#context, Readable.from([Buffer.from(text)])));
      await rename(temporary, this.path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(dirname(this.path));
  }
}

/** Makes what happened to a folder's entries durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await openFile(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A new file that only its owner may read, durable when this resolves. */
export async function writeDurably(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await openFile(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}
