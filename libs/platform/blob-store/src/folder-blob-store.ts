import { access, link, mkdir, open, readdir, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { BlobStoreError } from './blob-store-error.js';
import { BlobStore, type BlobReader } from './blob-store.js';
import { requireBlobKey, requireBlobPrefix } from './blob-key.js';
import { onDisk, syncFolder, systemCode } from './disk.js';
import { IncomingFolder } from './incoming-folder.js';

const PIECE_BYTES = 1024 * 1024;
/** What makes a write worth its while. */
const WRITE_BYTES = 512 * 1024;
const MAX_HELD = 256;
/** How much may be written before the disk is asked to start. */
const SYNC_BYTES = 64 * 1024 * 1024;
/** Keys have no dot, so a blob `a` and a blob `a/b` don't want the same name. */
const SUFFIX = '.blob';
const INCOMING = '.incoming';

/**
 * A folder as object store, for one machine or a shared file system with hard links.
 *
 * A blob is written under a temporary name, synced, and then *linked* to its name: unlike a rename, a link fails when
 * the name is taken, which makes write-once hold between processes.
 */
export class FolderBlobStore extends BlobStore {
  private constructor(
    private readonly root: string,
    private readonly incoming: IncomingFolder,
  ) {
    super();
  }

  /** Creates the folder when it is missing, and clears away what writers that died left half-written. */
  static async open(folder: string): Promise<FolderBlobStore> {
    const root = resolve(folder);
    const incoming = new IncomingFolder(join(root, INCOMING));
    await onDisk(() => incoming.prepare());
    return new FolderBlobStore(root, incoming);
  }

  override async put(key: string, source: AsyncIterable<Uint8Array>): Promise<{ sizeBytes: number }> {
    const path = this.pathOf(key);
    if (await exists(path)) throw new BlobStoreError('blob_exists');
    const temporary = await onDisk(() => this.incoming.create());
    try {
      const sizeBytes = await fill(temporary.file, source);
      await onDisk(() => this.publish(temporary.path, path));
      return { sizeBytes };
    } finally {
      await rm(temporary.path, { force: true });
    }
  }

  override async *get(key: string): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await this.openBlob(key);
    const readPiece = () => onDisk(() => file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES));
    let reading = readPiece();
    try {
      for (;;) {
        const { bytesRead, buffer } = await reading;
        if (bytesRead === 0) return;
        reading = ahead(readPiece());
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await Promise.allSettled([reading]);
      await file.close();
    }
  }

  override async reader(key: string): Promise<BlobReader> {
    const file = await this.openBlob(key);
    try {
      return new FileReader(file, (await onDisk(() => file.stat())).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  override async readAt(key: string, offset: number, lengthBytes: number): Promise<Uint8Array> {
    if (!isCount(offset) || !isCount(lengthBytes)) throw new BlobStoreError('blob_range_invalid');
    const blob = await this.reader(key);
    try {
      if (offset + lengthBytes > blob.sizeBytes) throw new BlobStoreError('blob_range_invalid');
      const bytes = Buffer.allocUnsafe(lengthBytes);
      await blob.readInto(offset, bytes);
      return bytes;
    } finally {
      await blob.close();
    }
  }

  override async size(key: string): Promise<number> {
    const path = this.pathOf(key);
    return (await onDisk(() => stat(path))).size;
  }

  override async delete(key: string): Promise<void> {
    const path = this.pathOf(key);
    try {
      await unlink(path);
      await syncFolder(dirname(path));
    } catch (cause) {
      if (systemCode(cause) !== 'ENOENT') throw new BlobStoreError('blob_store_unavailable', cause);
    }
  }

  override async *list(prefix: string): AsyncGenerator<string, void, undefined> {
    requireBlobPrefix(prefix);
    // No need to look outside the deepest folder that the prefix names in full.
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for (const path of await filesUnder(join(this.root, ...folder.split('/')))) {
      const key = this.keyOf(path);
      if (key?.startsWith(prefix)) yield key;
    }
  }

  private async openBlob(key: string): Promise<FileHandle> {
    const path = this.pathOf(key);
    return onDisk(() => open(path, 'r'));
  }

  private async publish(temporary: string, path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await link(temporary, path);
    // Upwards to the root, because any of these folders may be new.
    for (let folder = dirname(path); folder.length >= this.root.length; folder = dirname(folder)) {
      await syncFolder(folder);
    }
  }

  private pathOf(key: string): string {
    requireBlobKey(key);
    return join(this.root, ...key.split('/')) + SUFFIX;
  }

  private keyOf(path: string): string | undefined {
    if (!path.endsWith(SUFFIX)) return undefined;
    return relative(this.root, path).slice(0, -SUFFIX.length).split(sep).join('/');
  }
}

/**
 * Writes the source and syncs; closes the file whatever happens. Small pieces wait for a large one to go with. What is written
 * is on its way while the next pieces are awaited, and the disk is asked to keep up, so that the last sync has little to do.
 */
async function fill(file: FileHandle, source: AsyncIterable<Uint8Array>): Promise<number> {
  let sizeBytes = 0;
  let syncedBytes = 0;
  let held = new HeldPieces();
  let writing: Promise<void> = Promise.resolve();
  let syncing: Promise<void> | undefined;
  try {
    for await (const piece of source) {
      await writing;
      sizeBytes += piece.byteLength;
      if (!held.add(piece)) continue;
      const { pieces } = held;
      held = new HeldPieces();
      writing = ahead(onDisk(() => writeAll(file, pieces)));
      if (sizeBytes - syncedBytes >= SYNC_BYTES && syncing === undefined) {
        syncedBytes = sizeBytes;
        syncing = ahead(onDisk(() => file.datasync()).finally(() => (syncing = undefined)));
      }
    }
    await writing;
    await onDisk(() => writeAll(file, held.pieces));
    await syncing;
    await onDisk(() => file.sync());
    return sizeBytes;
  } finally {
    await Promise.allSettled([writing, syncing]);
    await file.close();
  }
}

/** Pieces that are written together. Those that wait for others are copies, because the source may use their memory again. */
class HeldPieces {
  readonly pieces: Uint8Array[] = [];
  private bytes = 0;

  /** True when there is enough for a write. */
  add(piece: Uint8Array): boolean {
    const { byteLength } = piece;
    if (byteLength > 0) this.pieces.push(byteLength < WRITE_BYTES ? Buffer.from(piece) : piece);
    this.bytes += byteLength;
    return this.bytes >= WRITE_BYTES || this.pieces.length >= MAX_HELD;
  }
}

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  if (pieces.length === 0) return;
  const { bytesWritten } = await file.writev([...pieces]);
  const wanted = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  // A system may take a part only; writeFile goes on until it has taken the rest, or says why not.
  if (bytesWritten < wanted) await file.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

/** Work that goes on by itself. Its failure counts where it is awaited, not before. */
function ahead<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

class FileReader implements BlobReader {
  constructor(
    private readonly file: FileHandle,
    readonly sizeBytes: number,
  ) {}

  async readInto(offset: number, target: Uint8Array): Promise<void> {
    const { byteLength } = target;
    if (!isCount(offset) || offset + byteLength > this.sizeBytes)
      throw new BlobStoreError('blob_range_invalid');
    for (let filled = 0; filled < byteLength;) {
      const { bytesRead } = await onDisk(() =>
        this.file.read(target, filled, byteLength - filled, offset + filled),
      );
      if (bytesRead === 0) throw new BlobStoreError('blob_range_invalid');
      filled += bytesRead;
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** Every file below a folder; none when there is no such folder. */
async function filesUnder(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw new BlobStoreError('blob_store_unavailable', cause);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
