import { createReadStream } from 'node:fs';
import { extract } from 'tar-stream';
import { EvidenceError } from './fault.js';

/** Far more than any bundle holds; bounds what a hostile file can make us keep. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_FILES = 100_000;

/** A bundle's files by their path below its one folder. Nothing is written to disk. */
export class BundleArchive {
  private constructor(readonly files: ReadonlyMap<string, Buffer>) {}

  static of(files: ReadonlyMap<string, Buffer>): BundleArchive {
    return new BundleArchive(files);
  }

  /** @throws EvidenceError `bundle_unreadable` for anything but a tar of plain files under one folder, each once. */
  static async read(file: string): Promise<BundleArchive> {
    const files = new Map<string, Buffer>();
    const tar = extract();
    const source = createReadStream(file);
    source.once('error', (error) => tar.destroy(error));
    source.pipe(tar);
    try {
      let total = 0;
      for await (const entry of tar) {
        const { name, type, size = 0 } = entry.header;
        total += size;
        if (total > MAX_BYTES || files.size >= MAX_FILES) throw unreadable('It is larger than any bundle.');
        const bytes = await readAll(entry);
        if (type === 'directory') continue;
        if (type !== 'file') throw unreadable(`${name} is a ${type ?? 'thing'}, not a file.`);
        const path = pathBelowFolder(name);
        if (files.has(path)) throw unreadable(`${path} stands in it twice.`);
        files.set(path, bytes);
      }
    } catch (cause) {
      if (cause instanceof EvidenceError) throw cause;
      throw unreadable(cause instanceof Error ? cause.message : 'It is not a tar.', cause);
    } finally {
      source.destroy();
    }
    if (files.size === 0) throw unreadable('It holds no file.');
    return new BundleArchive(files);
  }

  /** @throws EvidenceError `file_missing` */
  bytes(path: string): Buffer {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw new EvidenceError('file_missing', `${path} is not in the bundle.`);
    return bytes;
  }

  /** @throws EvidenceError `file_missing`, `text_malformed` when the bytes are not UTF-8 */
  text(path: string): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes(path));
    } catch (cause) {
      if (cause instanceof EvidenceError) throw cause;
      throw new EvidenceError('text_malformed', `${path} is not text in UTF-8.`, cause);
    }
  }
}

async function readAll(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function pathBelowFolder(name: string): string {
  const [folder, ...rest] = name.split('/');
  const isPlain =
    rest.length > 0 && [folder, ...rest].every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isPlain) throw unreadable(`${JSON.stringify(name)} is not a path under one folder.`);
  return rest.join('/');
}

function unreadable(reason: string, cause?: unknown): EvidenceError {
  return new EvidenceError('bundle_unreadable', `This is not an evidence bundle. ${reason}`, cause);
}
