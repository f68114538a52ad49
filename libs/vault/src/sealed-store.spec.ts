import { createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderBlobStore } from '@castellan/blob-store';
import { SealedStore, Sha256Stream, unsealFile, unsealPieces, type SealedFile } from './index.js';

const MARKER = Buffer.from('these are the weights of a model');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const newKey = () => ({ dataKeyId: randomUUID(), key: createSecretKey(randomBytes(32)) });
const weights = (length: number) => Buffer.alloc(length, MARKER);

async function* pieces(bytes: Uint8Array, size = 70_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('SealedStore and unsealFile', () => {
  let root: string;
  let blobs: FolderBlobStore;
  let store: SealedStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'castellan-vault-'));
    blobs = await FolderBlobStore.open(root);
    store = new SealedStore(blobs);
  });
  afterEach(() => rm(root, { recursive: true }));

  const onDisk = ({ blobKey }: SealedFile) => join(root, `${blobKey}.blob`);
  async function everyByteOnDisk(): Promise<Buffer> {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))));
  }

  it.each([
    0, 1, 200_000, 300_000, 1_048_575, 1_048_576, 1_048_577, 2_500_000, 4_194_303, 4_194_304, 4_194_305,
    30_000_000,
  ])('gives back a file of %d bytes, with size and digest', async (length) => {
    const [dataKey, bytes] = [newKey(), weights(length)];
    const sealed = await store.write({ ...dataKey, path: 'model.h5', source: pieces(bytes) });
    expect(sealed).toMatchObject({ sizeBytes: length, sha256: sha256(bytes) });
    const unsealed = await unsealFile({
      store: blobs,
      blobKey: sealed.blobKey,
      ...dataKey,
      path: 'model.h5',
      expected: sealed,
    });
    expect(unsealed.bytes.equals(bytes)).toBe(true);
    expect(unsealed.sha256).toBe(sealed.sha256);
    // Memory of its own: wiping it wipes all of it, and nothing else.
    expect(unsealed.bytes.buffer.byteLength).toBe(length);
  });

  it('puts no plaintext on disk, at no moment', async () => {
    const seen: boolean[] = [];
    await store.write({
      ...newKey(),
      path: 'model.h5',
      source: (async function* () {
        for await (const piece of pieces(weights(3_000_000))) {
          seen.push((await everyByteOnDisk()).includes(MARKER));
          yield piece;
        }
      })(),
    });
    seen.push((await everyByteOnDisk()).includes(MARKER));
    expect(seen).not.toContain(true);
    expect((await everyByteOnDisk()).length).toBeGreaterThan(3_000_000);
  });

  it('leaves nothing when the source breaks off, and passes its error on', async () => {
    const source = (async function* () {
      yield* pieces(weights(2_000_000));
      throw new Error('connection lost');
    })();
    await expect(store.write({ ...newKey(), path: 'a', source })).rejects.toThrow('connection lost');
    expect(await everyByteOnDisk()).toHaveLength(0);
  });

  it('stops at the limit and leaves nothing', async () => {
    let pulled = 0;
    const endless = (async function* () {
      for (;;) {
        pulled += 100_000;
        yield weights(100_000);
      }
    })();
    const written = store.write({ ...newKey(), path: 'a', source: endless, maxBytes: 1_000_000 });
    await expect(written).rejects.toMatchObject({
      code: 'file_too_large',
      kind: 'invalid',
      meta: { maxBytes: 1_000_000 },
    });
    expect(pulled).toBe(1_100_000);
    expect(await everyByteOnDisk()).toHaveLength(0);
    const exact = await store.write({
      ...newKey(),
      path: 'a',
      source: pieces(weights(1_000)),
      maxBytes: 1_000,
    });
    expect(exact.sizeBytes).toBe(1_000);
  });

  it('removes a file, and what nobody refers to in a folder', async () => {
    const dataKey = newKey();
    const write = (folder?: string) =>
      store.write({
        ...dataKey,
        path: 'a',
        source: pieces(weights(10)),
        ...(folder === undefined ? {} : { folder }),
      });
    const [alone, kept, stray, neighbour] = [
      await write(),
      await write('versions/1'),
      await write('versions/1'),
      await write('versions/10'),
    ];
    await store.remove(alone.blobKey);
    await store.remove(alone.blobKey);
    await store.removeUnreferenced('versions/1', [kept.blobKey]);
    const left = await Array.fromAsync(blobs.list(''));
    expect(left.sort()).toEqual([kept.blobKey, neighbour.blobKey].sort());
    expect(left).not.toContain(stray.blobKey);
  });

  it('gives out ciphertext only', async () => {
    const sealed = await store.write({ ...newKey(), path: 'a', source: pieces(weights(5_000)) });
    const ciphertext = Buffer.concat(await Array.fromAsync(store.read(sealed.blobKey)));
    expect(ciphertext.includes(MARKER)).toBe(false);
    expect(ciphertext.length).toBe(5_000 + 72);
  });

  describe('when somebody owns the disk', () => {
    const refused = { code: 'unsealing_failed', publicDetail: 'The sealed object could not be opened.' };
    let mine: ReturnType<typeof newKey>;
    let sealed: SealedFile;
    beforeEach(async () => {
      mine = newKey();
      sealed = await store.write({ ...mine, path: 'model.h5', source: pieces(weights(1_500_000)) });
    });
    const unseal = (changes: Partial<Parameters<typeof unsealFile>[0]> = {}) =>
      unsealFile({ store: blobs, blobKey: sealed.blobKey, ...mine, path: 'model.h5', ...changes });

    it.each([0, 30, 56, 700_000, 1_048_632, 1_500_000])('a byte flipped at %d is noticed', async (at) => {
      const bytes = await readFile(onDisk(sealed));
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      await writeFile(onDisk(sealed), bytes);
      await expect(unseal()).rejects.toMatchObject(refused);
    });

    it.each([0, 55, 72, 1_048_648, 1_499_999])('a blob cut to %d bytes is noticed', async (length) => {
      await truncate(onDisk(sealed), length);
      await expect(unseal()).rejects.toMatchObject(refused);
    });

    it('the same file of another version does not open in its place', async () => {
      const theirs = await store.write({ ...newKey(), path: 'model.h5', source: pieces(weights(1_500_000)) });
      await copyFile(onDisk(theirs), onDisk(sealed));
      await expect(unseal()).rejects.toMatchObject(refused);
    });

    it('another file of the same version does not open in its place', async () => {
      const other = await store.write({ ...mine, path: 'labels.json', source: pieces(weights(1_500_000)) });
      await copyFile(onDisk(other), onDisk(sealed));
      await expect(unseal()).rejects.toMatchObject(refused);
      await expect(unseal({ path: 'labels.json' })).resolves.toMatchObject({ sha256: other.sha256 });
    });

    it('an older file under the same path and key opens, and its digest tells', async () => {
      const older = await store.write({
        ...mine,
        path: 'model.h5',
        source: pieces(weights(1_500_000).fill(7)),
      });
      await copyFile(onDisk(older), onDisk(sealed));
      await expect(unseal()).resolves.toMatchObject({ sha256: older.sha256 });
      await expect(unseal({ expected: sealed })).rejects.toMatchObject({
        code: 'file_differs',
        kind: 'internal',
      });
    });

    it('a blob of another size is refused before memory is taken for it', async () => {
      let read = false;
      const huge = Object.assign(Object.create(blobs), {
        reader: async () => ({
          sizeBytes: 2 ** 50 + 56 + 16 * (2 ** 30 + 1),
          readInto: async () => (read = true),
          close: async () => undefined,
        }),
      });
      await expect(unseal({ store: huge, expected: sealed })).rejects.toMatchObject({ code: 'file_differs' });
      expect(read).toBe(false);
    });

    it('a blob exchanged between two reads is another blob, or noticed', async () => {
      const other = await store.write({ ...mine, path: 'model.h5', source: pieces(weights(1_500_000)) });
      const shifting = Object.assign(Object.create(blobs), {
        reader: async (blobKey: string) => {
          const [first, rest] = [await blobs.reader(blobKey), await blobs.reader(other.blobKey)];
          return {
            sizeBytes: first.sizeBytes,
            readInto: (offset: number, target: Uint8Array) =>
              (offset === 0 ? first : rest).readInto(offset, target),
            close: async () => void (await Promise.all([first.close(), rest.close()])),
          };
        },
      });
      await expect(unseal({ store: shifting })).rejects.toMatchObject(refused);
    });

    it('a blob exchanged while it is being read stays what it was', async () => {
      const other = await store.write({ ...mine, path: 'model.h5', source: pieces(weights(1_500_000)) });
      const exchanging = Object.assign(Object.create(blobs), {
        reader: async (blobKey: string) => {
          const reader = await blobs.reader(blobKey);
          await rename(onDisk(other), onDisk(sealed));
          return reader;
        },
      });
      const unsealed = await unseal({ store: exchanging, expected: sealed });
      expect(unsealed.sha256).toBe(sealed.sha256);
    });

    it('a missing blob is said to be missing', async () => {
      await rm(onDisk(sealed));
      await expect(unseal()).rejects.toMatchObject({ code: 'blob_missing', kind: 'not_found' });
    });
  });

  describe('when a file is opened piece by piece', () => {
    const path = 'model.safetensors';
    const bytes = randomBytes(36_000_001);
    let file: Parameters<typeof unsealPieces>[0];
    let sealed: SealedFile;
    let closed: number;
    beforeEach(async () => {
      const mine = newKey();
      sealed = await store.write({ ...mine, path, source: pieces(bytes, 1_000_000) });
      closed = 0;
      const watched: FolderBlobStore = Object.assign(Object.create(blobs), {
        reader: async (blobKey: string) => {
          const reader = await blobs.reader(blobKey);
          const close = async () => {
            closed += 1;
            await reader.close();
          };
          return { sizeBytes: reader.sizeBytes, readInto: reader.readInto.bind(reader), close };
        },
      });
      file = { store: watched, blobKey: sealed.blobKey, ...mine, path, expected: sealed };
    });
    /** What was given out before the end or a failure. */
    async function opened(changes: Partial<typeof file> = {}) {
      const given: Buffer[] = [];
      try {
        for await (const piece of unsealPieces({ ...file, ...changes })) given.push(Buffer.from(piece));
        return { bytes: Buffer.concat(given), failure: undefined };
      } catch (failure) {
        return { bytes: Buffer.concat(given), failure };
      }
    }
    const differs = { code: 'file_differs' };

    it('gives all of it, in memory that is used again', async () => {
      const memory = new Set<ArrayBufferLike>();
      for await (const piece of unsealPieces(file)) memory.add(piece.buffer);
      expect(memory.size).toBeLessThanOrEqual(8);
      expect((await opened()).bytes.equals(bytes)).toBe(true);
      expect(closed).toBe(2);
    });

    it('gives what is genuine before a chunk that was changed, and nothing from there on', async () => {
      const at = 20_000_000;
      const stored = await readFile(onDisk(sealed));
      stored.writeUInt8(stored.readUInt8(at) ^ 1, at);
      await writeFile(onDisk(sealed), stored);
      const { bytes: given, failure } = await opened();
      expect(failure).toMatchObject({ code: 'unsealing_failed', failure: 'chunk' });
      expect(given.length).toBeLessThan(at);
      expect(given.equals(bytes.subarray(0, given.length))).toBe(true);
      expect(closed).toBe(1);
    });

    it('does not end well for an older file under the same key and path', async () => {
      const other = randomBytes(bytes.length);
      const { dataKeyId, key } = file;
      const older = await store.write({ dataKeyId, key, path, source: pieces(other, 1_000_000) });
      await copyFile(onDisk(older), onDisk(sealed));
      expect((await opened()).failure).toMatchObject(differs);
    });

    it('does not end well for a file with another digest, nor begin for one of another size', async () => {
      const expected = { ...sealed, sha256: sha256(randomBytes(1)) };
      expect((await opened({ expected })).failure).toMatchObject(differs);
      const longer = { ...sealed, sizeBytes: sealed.sizeBytes + 1 };
      expect(await opened({ expected: longer })).toMatchObject({
        bytes: Buffer.alloc(0),
        failure: differs,
      });
    });

    it('wipes its memory and lets go of the blob, however it ends', async () => {
      const given: Uint8Array[] = [];
      for await (const piece of unsealPieces(file)) {
        given.push(piece);
        if (given.length === 9) break;
      }
      expect(given.every((piece) => Buffer.from(piece).equals(Buffer.alloc(piece.byteLength)))).toBe(true);
      expect(closed).toBe(1);
      for await (const piece of unsealPieces(file)) given.push(piece);
      expect(given.every((piece) => Buffer.from(piece).equals(Buffer.alloc(piece.byteLength)))).toBe(true);
    });
  });

  describe('when a file came in by segments', () => {
    const bytes = Buffer.concat([randomBytes(2_000_000), MARKER, randomBytes(1_500_000)]);
    const path = 'model.safetensors';
    async function segment(startBytes: number, endBytes: number) {
      const dataKey = newKey();
      const blobKey = store.newBlobKey('versions/1');
      const source = pieces(bytes.subarray(startBytes, endBytes));
      const digest = { sha256: new Sha256Stream() };
      await store.writeSegment({ ...dataKey, path, blobKey, startBytes, source, digest });
      digest.sha256.discard();
      return { ...dataKey, blobKey };
    }
    const cuts = async () =>
      [
        await segment(0, 65_536),
        await segment(65_536, 2_097_152),
        await segment(2_097_152, bytes.length),
      ] as const;
    const expected = { sizeBytes: bytes.length, sha256: sha256(bytes) };

    it('opens as one, each segment with its own key', async () => {
      const [first, ...further] = await cuts();
      const unsealed = await unsealFile({ store: blobs, ...first, further, path, expected });
      expect(unsealed.bytes.equals(bytes)).toBe(true);
      expect((await everyByteOnDisk()).includes(MARKER)).toBe(false);
    });

    it.each<[string, (s: Awaited<ReturnType<typeof cuts>>) => Awaited<ReturnType<typeof segment>>[], string]>(
      [
        ['exchanged', ([a, b, c]) => [a, c, b], 'unsealing_failed'],
        ['repeated', ([a, b]) => [a, b, b], 'unsealing_failed'],
        ['left out at the beginning', ([, b, c]) => [b, c], 'unsealing_failed'],
        ['left out in the middle', ([a, , c]) => [a, c], 'unsealing_failed'],
        ['left out at the end', ([a, b]) => [a, b], 'file_differs'],
      ],
    )('notices segments that are %s', async (_how, arrange, code) => {
      const [first, ...further] = arrange(await cuts());
      if (first === undefined) throw new Error('none left');
      const file = { store: blobs, ...first, further, path };
      await expect(unsealFile({ ...file, expected })).rejects.toMatchObject({
        code: expect.stringMatching(/^(unsealing_failed|file_differs)$/),
      });
      // Without a manifest, too, whatever isn't merely cut short.
      if (code === 'unsealing_failed') await expect(unsealFile(file)).rejects.toMatchObject({ code });
    });
  });

  it('opens under no other key, key id or path', async () => {
    const mine = newKey();
    const sealed = await store.write({ ...mine, path: 'model.h5', source: pieces(weights(100)) });
    const right = { store: blobs, blobKey: sealed.blobKey, ...mine, path: 'model.h5' };
    for (const wrong of [
      { key: newKey().key },
      { dataKeyId: randomUUID() },
      { path: 'Model.h5' },
      { path: '' },
    ]) {
      await expect(unsealFile({ ...right, ...wrong })).rejects.toMatchObject({ code: 'unsealing_failed' });
    }
    await expect(unsealFile(right)).resolves.toMatchObject({ sha256: sealed.sha256 });
  });
});
