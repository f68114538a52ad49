import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderBlobStore } from '@castellan/blob-store';
import { type SealedFile, SealedStore, Sha256Stream, VerifiedFile } from './index.js';

const path = 'model.safetensors';
const bytes = randomBytes(5_300_001);
const dataKey = { dataKeyId: randomUUID(), key: createSecretKey(randomBytes(32)) };

async function* source(content: Uint8Array) {
  yield content;
}

describe('a file that was verified', () => {
  let root: string;
  let blobs: FolderBlobStore;
  let store: SealedStore;
  let sealed: SealedFile;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'castellan-verified-'));
    blobs = await FolderBlobStore.open(root);
    store = new SealedStore(blobs);
    sealed = await store.write({ ...dataKey, path, source: source(bytes), withTree: true });
  });
  afterEach(() => rm(root, { recursive: true }));

  const onDisk = ({ blobKey }: SealedFile) => join(root, `${blobKey}.blob`);
  const file = () => ({ store: blobs, blobKey: sealed.blobKey, ...dataKey, path, expected: sealed });

  it('is read anywhere, in any order', async () => {
    const verified = await VerifiedFile.open(file());
    expect(verified.sizeBytes).toBe(bytes.length);
    for (const [offset, length] of [
      [5_300_000, 1],
      [0, 1],
      [1_048_570, 12],
      [0, bytes.length],
      [bytes.length, 0],
    ] as const)
      expect((await verified.read(offset, length)).equals(bytes.subarray(offset, offset + length))).toBe(
        true,
      );
    await expect(verified.read(bytes.length, 1)).rejects.toMatchObject({ code: 'range_invalid' });
    await verified.close();
  });

  it('is not opened at all when its digest is another', async () => {
    const expected = { ...sealed, sha256: 'f'.repeat(64) };
    await expect(VerifiedFile.open({ ...file(), expected })).rejects.toMatchObject({ code: 'file_differs' });
  });

  it('is not read from another file sealed under the same key and path, exchanged after its digest was taken', async () => {
    const older = await store.write({ ...dataKey, path, source: source(randomBytes(bytes.length)) });
    const verified = await VerifiedFile.open(file());
    await copyFile(onDisk(older), onDisk(sealed));
    await expect(verified.read(0, 10)).rejects.toMatchObject({ code: 'unsealing_failed' });
    await verified.close();
  });

  it('nor from one of another length', async () => {
    const older = await store.write({ ...dataKey, path, source: source(randomBytes(10)) });
    const verified = await VerifiedFile.open(file());
    await copyFile(onDisk(older), onDisk(sealed));
    await expect(verified.read(0, 10)).rejects.toMatchObject({ code: 'file_differs' });
  });

  it('may have come in by segments', async () => {
    const cut = 2 * 1024 * 1024;
    const [first, second] = [bytes.subarray(0, cut), bytes.subarray(cut)];
    const segment = async (part: Uint8Array, startBytes: number) => {
      const key = { dataKeyId: randomUUID(), key: createSecretKey(randomBytes(32)) };
      const blobKey = store.newBlobKey('versions/1');
      const digest = { sha256: new Sha256Stream() };
      await store.writeSegment({ ...key, path, blobKey, startBytes, source: source(part), digest });
      digest.sha256.discard();
      return { ...key, blobKey };
    };
    const [start, rest] = [await segment(first, 0), await segment(second, cut)];
    const verified = await VerifiedFile.open({
      store: blobs,
      path,
      ...start,
      further: [rest],
      expected: sealed,
    });
    expect((await verified.read(cut - 5, 10)).equals(bytes.subarray(cut - 5, cut + 5))).toBe(true);
    expect((await verified.read(3, 4)).equals(bytes.subarray(3, 7))).toBe(true);
    await verified.close();
  });
});
