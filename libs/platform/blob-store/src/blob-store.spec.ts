import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { interceptLocalhostDns } from 'fauxqs';
import { FolderBlobStore, readS3Address, type BlobStore } from './index.js';
import { S3BlobStore } from './s3-blob-store.js';
import { startS3Server } from './testing/s3-server.js';

interface Opened {
  store: BlobStore;
  /** A second process's view of the same store. */
  other: BlobStore;
  close(): Promise<void>;
}

/** What every object store must do. A further implementation is one more line here. */
const implementations: Record<string, () => Promise<Opened>> = {
  FolderBlobStore: async () => {
    const root = await mkdtemp(join(tmpdir(), 'castellan-blobs-'));
    return {
      store: await FolderBlobStore.open(root),
      other: await FolderBlobStore.open(root),
      close: () => rm(root, { recursive: true }),
    };
  },
  'S3BlobStore, by path': () => onS3('path'),
  'S3BlobStore, by host name': () => onS3('virtual'),
};

async function onS3(addressing: 'path' | 'virtual'): Promise<Opened> {
  const restoreDns = interceptLocalhostDns('s3.localhost');
  const server = await startS3Server('blobs');
  const endpoint = addressing === 'path' ? server.endpoint : server.hostEndpoint;
  const address = readS3Address(`s3://blobs/some/folder?endpoint=${endpoint}&addressing=${addressing}`);
  const options = { credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } };
  return {
    store: await S3BlobStore.open(address, options),
    other: await S3BlobStore.open(address, options),
    close: async () => {
      await server.close();
      restoreDns();
    },
  };
}

async function* pieces(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

async function text(source: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(source)).toString();
}

async function keys(store: BlobStore, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(store.list(prefix))).sort();
}

describe.each(Object.entries(implementations))('%s', (_name, open) => {
  let opened: Opened;
  let store: BlobStore;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.close());

  it('gives back what was put', async () => {
    expect(await store.put('versions/1/weights', pieces('one ', 'two', ''))).toEqual({ sizeBytes: 7 });
    expect(await text(store.get('versions/1/weights'))).toBe('one two');
    expect(await store.size('versions/1/weights')).toBe(7);
    expect(await text(opened.other.get('versions/1/weights'))).toBe('one two');
  });

  it('keeps an empty blob', async () => {
    expect(await store.put('empty', pieces())).toEqual({ sizeBytes: 0 });
    expect(await text(store.get('empty'))).toBe('');
    expect(await store.readAt('empty', 0, 0)).toHaveLength(0);
  });

  it('gives back large blobs, larger than any buffer on the way', async () => {
    const piece = Buffer.alloc(700_001, 'abcdefg');
    await store.put(
      'large',
      (async function* () {
        for (let count = 0; count < 5; count++) yield piece;
      })(),
    );
    const whole = Buffer.concat(await Array.fromAsync(store.get('large')));
    expect(whole.equals(Buffer.concat(Array(5).fill(piece)))).toBe(true);
  });

  it('reads ranges exactly, and refuses those beyond the end', async () => {
    await store.put('a', pieces('0123456789'));
    expect(Buffer.from(await store.readAt('a', 3, 4)).toString()).toBe('3456');
    expect(Buffer.from(await store.readAt('a', 0, 10)).toString()).toBe('0123456789');
    expect(await store.readAt('a', 10, 0)).toHaveLength(0);
    for (const [offset, length] of [
      [0, 11],
      [10, 1],
      [-1, 1],
      [0, -1],
      [0.5, 1],
      [0, NaN],
    ] as const) {
      await expect(store.readAt('a', offset, length)).rejects.toMatchObject({ code: 'blob_range_invalid' });
    }
  });

  it('reads parts into memory that it is given, many at once, from the blob that it was', async () => {
    const bytes = Buffer.from('0123456789');
    await store.put('a', pieces(bytes.toString()));
    const reader = await store.reader('a');
    expect(reader.sizeBytes).toBe(10);
    const places = Array.from(bytes.keys());
    const shared = new Uint8Array(new SharedArrayBuffer(10));
    await Promise.all(places.map((at) => reader.readInto(at, shared.subarray(at, at + 1))));
    expect(Buffer.from(shared).equals(bytes)).toBe(true);
    await reader.readInto(10, new Uint8Array(0));
    for (const offset of [-1, 0.5, 9, 11]) {
      await expect(reader.readInto(offset, new Uint8Array(2))).rejects.toMatchObject({
        code: 'blob_range_invalid',
      });
    }
    await reader.close();
    await expect(store.reader('no/such')).rejects.toMatchObject({ code: 'blob_missing' });
  });

  it('is done with a piece when the next but one is asked for', async () => {
    const sizes = [3, 700_000, 5, 5, 700_000, 1_500_000, 7];
    const given: Buffer[] = [];
    const whole = Buffer.concat(sizes.map((size, turn) => Buffer.alloc(size, turn + 1)));
    await store.put(
      'reused',
      (async function* () {
        for (const [turn, size] of sizes.entries()) {
          given.at(-2)?.fill(0xff);
          given.push(Buffer.alloc(size, turn + 1));
          yield given.at(-1) ?? Buffer.alloc(0);
        }
      })(),
    );
    const stored = Buffer.concat(await Array.fromAsync(store.get('reused')));
    expect(stored.equals(whole)).toBe(true);
  });

  it('says that a blob is missing', async () => {
    const missing = { code: 'blob_missing', kind: 'not_found' };
    await expect(text(store.get('no/such'))).rejects.toMatchObject(missing);
    await expect(store.size('no/such')).rejects.toMatchObject(missing);
    await expect(store.readAt('no/such', 0, 1)).rejects.toMatchObject(missing);
  });

  it('never overwrites', async () => {
    await store.put('a', pieces('first'));
    await expect(opened.other.put('a', pieces('second'))).rejects.toMatchObject({
      code: 'blob_exists',
      kind: 'conflict',
    });
    expect(await text(store.get('a'))).toBe('first');
  });

  it('lets one of many simultaneous puts win', async () => {
    const puts = Array.from({ length: 8 }, (_, turn) =>
      (turn % 2 ? store : opened.other).put('raced', pieces(`${turn}`, `${turn}`)),
    );
    const results = await Promise.allSettled(puts);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(await text(store.get('raced'))).toBe(`${winner}${winner}`);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'blob_exists' });
    }
  });

  it('leaves nothing when the source fails, and passes its error on', async () => {
    const source = (async function* () {
      yield Buffer.from('half');
      throw new Error('connection lost');
    })();
    await expect(store.put('half', source)).rejects.toThrow('connection lost');
    await expect(store.size('half')).rejects.toMatchObject({ code: 'blob_missing' });
    expect(await keys(store, '')).toEqual([]);
    await store.put('half', pieces('whole'));
    expect(await text(store.get('half'))).toBe('whole');
  });

  it('shows nothing of a blob that is being written', async () => {
    const { promise: halfway, resolve: reachHalf } = Promise.withResolvers<undefined>();
    const { promise: goOn, resolve: finish } = Promise.withResolvers<undefined>();
    const put = store.put(
      'slow',
      (async function* () {
        yield Buffer.from('one');
        reachHalf(undefined);
        await goOn;
        yield Buffer.from('two');
      })(),
    );
    await halfway;
    await expect(opened.other.size('slow')).rejects.toMatchObject({ code: 'blob_missing' });
    expect(await keys(opened.other, '')).toEqual([]);
    finish(undefined);
    await put;
    expect(await text(opened.other.get('slow'))).toBe('onetwo');
  });

  it('deletes, and deleting again is no failure', async () => {
    await store.put('gone', pieces('x'));
    await store.delete('gone');
    await store.delete('gone');
    await store.delete('never/was');
    await expect(store.size('gone')).rejects.toMatchObject({ code: 'blob_missing' });
    await store.put('gone', pieces('back'));
    expect(await text(store.get('gone'))).toBe('back');
  });

  it('lists by any prefix', async () => {
    for (const key of ['a', 'a/b', 'a/bc', 'a-b', 'b/c/d']) await store.put(key, pieces(key));
    expect(await keys(store, '')).toEqual(['a', 'a-b', 'a/b', 'a/bc', 'b/c/d']);
    expect(await keys(store, 'a')).toEqual(['a', 'a-b', 'a/b', 'a/bc']);
    expect(await keys(store, 'a/')).toEqual(['a/b', 'a/bc']);
    expect(await keys(store, 'a/bc')).toEqual(['a/bc']);
    expect(await keys(store, 'b/c/')).toEqual(['b/c/d']);
    expect(await keys(store, 'zzz/')).toEqual([]);
  });

  it.each([
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    '.',
    '..',
    '../a',
    'a/../../etc/passwd',
    'a/./b',
    'A',
    'a b',
    'a\\b',
    'a\0b',
    'a.blob',
    'ä',
    'a\n',
    '%2e%2e/a',
    '.incoming',
    'a:b',
    'x'.repeat(201),
    Array(300).fill('ab').join('/'),
  ])('refuses the key %j everywhere', async (key) => {
    const refused = { code: 'blob_key_invalid', kind: 'invalid' };
    await expect(store.put(key, pieces('x'))).rejects.toMatchObject(refused);
    await expect(text(store.get(key))).rejects.toMatchObject(refused);
    await expect(store.readAt(key, 0, 0)).rejects.toMatchObject(refused);
    await expect(store.size(key)).rejects.toMatchObject(refused);
    await expect(store.delete(key)).rejects.toMatchObject(refused);
  });

  it.each(['..', '../', 'a/../b', 'A', '\0'])('refuses the prefix %j', async (prefix) => {
    await expect(keys(store, prefix)).rejects.toMatchObject({ code: 'blob_key_invalid' });
  });
});
