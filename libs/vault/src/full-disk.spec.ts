import { execFileSync } from 'node:child_process';
import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FolderBlobStore } from '@castellan/blob-store';
import { SealedStore, unsealFile } from './index.js';

const MIB = 1024 * 1024;
const dataKey = { dataKeyId: 'one', key: createSecretKey(randomBytes(32)) };
const bytes = randomBytes(3 * MIB);
const sha256 = createHash('sha256').update(bytes).digest('hex');

async function* pieces(megabytes: number) {
  for (let count = 0; count < megabytes; count++) yield bytes.subarray(0, MIB);
}

/** A disk of 16 MiB; undefined where this account may not mount one. */
async function smallDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'castellan-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch {
    await rmdir(folder);
    console.warn('skipped: a full and a read-only disk, which only root can mount');
    return undefined;
  }
}

const disk = await smallDisk();

(disk === undefined ? describe.skip : describe)('the sealed store on a disk that fails', () => {
  const root = disk ?? '';
  let blobs: FolderBlobStore;
  let store: SealedStore;
  let kept: Awaited<ReturnType<SealedStore['write']>>;
  const read = () =>
    unsealFile({ store: blobs, ...dataKey, path: 'kept', blobKey: kept.blobKey, expected: kept });

  beforeAll(async () => {
    blobs = await FolderBlobStore.open(root);
    store = new SealedStore(blobs);
    const source = (async function* () {
      yield bytes;
    })();
    kept = await store.write({ ...dataKey, path: 'kept', source });
  });
  afterAll(async () => {
    execFileSync('umount', [root]);
    await rm(root, { recursive: true });
  });

  it('says that it is full, and keeps nothing of what had no room', async () => {
    const tooMuch = store.write({ ...dataKey, path: 'large', source: pieces(40) });
    await expect(tooMuch).rejects.toMatchObject({ code: 'blob_store_full', kind: 'exhausted' });
    expect(await Array.fromAsync(blobs.list(''))).toEqual([kept.blobKey]);
    expect(await readdir(join(root, '.incoming'))).toEqual([]);
    expect(await read()).toMatchObject({ sha256 });
  });

  it('says so where not a byte is left, and goes on once there is room', async () => {
    const ballast = join(root, 'ballast');
    await writeFile(ballast, Buffer.alloc(16 * MIB)).catch(() => undefined);
    const write = () => store.write({ ...dataKey, path: 'small', source: pieces(1) });
    await expect(write()).rejects.toMatchObject({ code: 'blob_store_full', kind: 'exhausted' });
    expect(await read()).toMatchObject({ sha256 });
    await unlink(ballast);
    await expect(write()).resolves.toMatchObject({ sizeBytes: MIB });
  });

  it('refuses writes where it is read-only, and goes on reading', async () => {
    execFileSync('mount', ['-o', 'remount,ro', root]);
    const write = () => store.write({ ...dataKey, path: 'small', source: pieces(1) });
    await expect(write()).rejects.toMatchObject({ code: 'blob_store_unavailable', kind: 'unavailable' });
    await expect(store.remove(kept.blobKey)).rejects.toMatchObject({ code: 'blob_store_unavailable' });
    expect(await read()).toMatchObject({ sha256 });
    execFileSync('mount', ['-o', 'remount,rw', root]);
    await expect(write()).resolves.toMatchObject({ sizeBytes: MIB });
  });
});
