import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { onDisk } from './disk.js';
import { BlobStoreError, blobStoreFromUrl, FolderBlobStore } from './index.js';

async function* pieces(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

describe('FolderBlobStore on disk', () => {
  let root: string;
  const incoming = () => readdir(join(root, '.incoming'));
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'castellan-blobs-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  /** Starts a put, and gives the name of its temporary file and a way to finish it. */
  async function putHalf(store: FolderBlobStore) {
    const { promise: halfway, resolve: reachHalf } = Promise.withResolvers<undefined>();
    const { promise: goOn, resolve: finish } = Promise.withResolvers<undefined>();
    const put = store.put(
      'slow',
      (async function* () {
        yield Buffer.from('one');
        reachHalf(undefined);
        await goOn;
      })(),
    );
    await halfway;
    const [name] = await incoming();
    if (name === undefined) throw new Error('no temporary file');
    return { name, finish: () => (finish(undefined), put) };
  }

  it('leaves no temporary file, whether a put succeeds or fails', async () => {
    const store = await FolderBlobStore.open(root);
    await store.put('a', pieces('x'));
    await expect(store.put('a', pieces('y'))).rejects.toThrow(BlobStoreError);
    await expect(
      store.put(
        'b',
        (async function* () {
          yield Buffer.from('x');
          throw new Error('cut');
        })(),
      ),
    ).rejects.toThrow('cut');
    expect(await incoming()).toEqual([]);
  });

  it('keeps blobs and folders to their owner', async () => {
    const store = await FolderBlobStore.open(root);
    await store.put('a/b', pieces('x'));
    expect((await stat(join(root, 'a'))).mode & 0o077).toBe(0);
    expect((await stat(join(root, 'a', 'b.blob'))).mode & 0o077).toBe(0);
  });

  it('clears at start what a killed process was writing', async () => {
    const { name, finish } = await putHalf(await FolderBlobStore.open(root));
    const [host, , , file] = name.split('.');
    const deadPid = execFileSync(process.execPath, ['-p', 'process.pid']).toString().trim();
    await writeFile(join(root, '.incoming', [host, deadPid, 'earlier', file].join('.')), 'half');
    await writeFile(join(root, '.incoming', [host, process.pid, 'earlier', file].join('.')), 'half');
    await FolderBlobStore.open(root);
    expect(await incoming()).toEqual([name]);
    await finish();
    expect(await incoming()).toEqual([]);
  });

  it('leaves alone what another process or machine is writing, until it is a day old', async () => {
    await mkdir(join(root, '.incoming'), { recursive: true });
    const foreign = join(root, '.incoming', 'othermachine.1.x.y');
    await writeFile(foreign, 'half');
    await FolderBlobStore.open(root);
    expect(await incoming()).toHaveLength(1);
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    await utimes(foreign, twoDaysAgo, twoDaysAgo);
    await FolderBlobStore.open(root);
    expect(await incoming()).toHaveLength(0);
  });

  it('does not list files that are no blobs', async () => {
    const store = await FolderBlobStore.open(root);
    await writeFile(join(root, 'README.txt'), 'not mine');
    await store.put('a', pieces('x'));
    expect(await Array.fromAsync(store.list(''))).toEqual(['a']);
  });

  it('says that it is unavailable when the folder is not one', async () => {
    const path = join(root, 'file');
    await writeFile(path, '');
    await expect(FolderBlobStore.open(path)).rejects.toMatchObject({
      code: 'blob_store_unavailable',
      kind: 'unavailable',
    });
  });

  it('says that it is full when the disk is', async () => {
    // /dev/full takes opens and fails every write with ENOSPC; Linux has it.
    await expect(onDisk(() => writeFile('/dev/full', 'x'))).rejects.toMatchObject({
      code: 'blob_store_full',
      kind: 'exhausted',
    });
  });

  it('opens by URL, and refuses other addresses', async () => {
    const store = await blobStoreFromUrl(pathToFileURL(join(root, 'with space')).href);
    await store.put('a', pieces('x'));
    expect(await readdir(join(root, 'with space'))).toContain('a.blob');
    for (const url of ['', 'folder', 'https://store.test/x', 'file://elsewhere/x']) {
      await expect(blobStoreFromUrl(url)).rejects.toMatchObject({ code: 'blob_url_invalid' });
    }
  });
});
