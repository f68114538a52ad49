import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CHUNK_BYTES, open, plainSize, seal, sealedSize, SealedReader, SealedStreamError } from './index.js';
import { chunkOffset, HEADER_BYTES, MAX_CHUNKS } from './layout.js';
import { neverOpensToAnythingElse } from './testing/fuzz.js';
import { collect, inMemory, inPieces, plaintextOf } from './testing/objects.js';

const dataKey = createSecretKey(Buffer.alloc(32, 0x42));
const context = Buffer.from('a context');
const sealAll = (plaintext: Uint8Array) => collect(seal(dataKey, context, inPieces(plaintext, 65_536)));

describe('seal and open', () => {
  /** Lengths where chunks begin and end, and between. */
  const length = fc
    .tuple(fc.nat(2), fc.oneof(fc.constantFrom(-1, 0, 1), fc.nat(CHUNK_BYTES - 1)))
    .map(([chunks, more]) => Math.max(0, chunks * CHUNK_BYTES + more));
  const pieceSizes = fc
    .array(fc.integer({ min: 1, max: 2 * CHUNK_BYTES }), { minLength: 1, maxLength: 4 })
    .map((sizes) => [...sizes, CHUNK_BYTES]);

  it('give back what was sealed, however it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(length, pieceSizes, fc.uint8Array(), async (bytes, sizes, anyContext) => {
        const plaintext = plaintextOf(bytes);
        const sealed = await collect(seal(dataKey, anyContext, inPieces(plaintext, ...sizes)));
        expect(sealed.length).toBe(sealedSize(bytes));
        expect(plainSize(sealed.length)).toBe(bytes);
        const opened = await collect(open(dataKey, anyContext, inPieces(sealed, ...sizes)));
        expect(plaintext.equals(opened)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('open a changed object to nothing, at every way in', async () => {
    await fc.assert(neverOpensToAnythingElse, { numRuns: 60 });
  });

  it('never seal the same way twice', async () => {
    const plaintext = plaintextOf(1000);
    const [one, two] = await Promise.all([sealAll(plaintext), sealAll(plaintext)]);
    expect(one.subarray(0, HEADER_BYTES)).not.toEqual(two.subarray(0, HEADER_BYTES));
    expect(one.subarray(HEADER_BYTES)).not.toEqual(two.subarray(HEADER_BYTES));
  });

  it('give every chunk a nonce of its own', async () => {
    const sealed = await sealAll(Buffer.alloc(2 * CHUNK_BYTES));
    const firstBlock = (index: number) => sealed.subarray(chunkOffset(index), chunkOffset(index) + 16);
    expect(firstBlock(0)).not.toEqual(firstBlock(1));
  });

  it('leave no trace of the plaintext', async () => {
    const marker = Buffer.from('the quick brown fox');
    const sealed = await sealAll(Buffer.concat([Buffer.alloc(CHUNK_BYTES - 5), marker]));
    expect(sealed.includes(marker.subarray(0, 5))).toBe(false);
  });

  it('keep no more than a few chunks, however long the stream', async () => {
    let pulled = 0;
    const source = (async function* () {
      for (let piece = 0; piece < 24; piece++) {
        pulled += CHUNK_BYTES / 2;
        yield Buffer.alloc(CHUNK_BYTES / 2);
      }
    })();
    let opened = 0;
    for await (const chunk of open(dataKey, context, seal(dataKey, context, source))) {
      opened += chunk.length;
      expect(pulled - opened).toBeLessThanOrEqual(2 * CHUNK_BYTES);
    }
    expect(opened).toBe(12 * CHUNK_BYTES);
  });

  it('let go of the source when the reader leaves early', async () => {
    let released = false;
    const source = (async function* () {
      try {
        for (;;) yield Buffer.alloc(CHUNK_BYTES);
      } finally {
        released = true;
      }
    })();
    for await (const chunk of open(dataKey, context, seal(dataKey, context, source))) {
      expect(chunk.length).toBe(CHUNK_BYTES);
      break;
    }
    expect(released).toBe(true);
  });

  it('pass on what the source throws', async () => {
    const source = (async function* () {
      yield Buffer.alloc(10);
      throw new Error('connection lost');
    })();
    await expect(collect(seal(dataKey, context, source))).rejects.toThrow('connection lost');
  });

  it.each<[string, KeyObject]>([
    ['of 16 bytes', createSecretKey(randomBytes(16))],
    ['of 64 bytes', createSecretKey(randomBytes(64))],
    ['that is not a secret', generateKeyPairSync('x25519').privateKey],
  ])('refuse a data key %s', async (_name, key) => {
    await expect(collect(seal(key, context, inPieces(Buffer.of(0))))).rejects.toMatchObject({
      code: 'data_key_invalid',
    });
  });
});

describe('the layout', () => {
  it('has one length for each plaintext, and none between', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 51 }), (bytes) => {
        expect(plainSize(sealedSize(bytes))).toBe(bytes);
      }),
    );
    for (const impossible of [
      0,
      1,
      HEADER_BYTES - 1,
      HEADER_BYTES,
      HEADER_BYTES + 15,
      chunkOffset(1),
      chunkOffset(1) + 15,
      chunkOffset(7),
    ]) {
      expect(() => plainSize(impossible)).toThrow(expect.objectContaining({ failure: 'truncated' }));
    }
  });

  it('ends at 2^32 chunks', () => {
    expect(sealedSize(MAX_CHUNKS * CHUNK_BYTES - 1)).toBeGreaterThan(MAX_CHUNKS * CHUNK_BYTES);
    expect(() => sealedSize(MAX_CHUNKS * CHUNK_BYTES)).toThrow(
      expect.objectContaining({ code: 'object_too_large' }),
    );
  });
});

describe('SealedReader', () => {
  const plaintext = plaintextOf(2 * CHUNK_BYTES + 4321);

  it('reads any range as a slice of the plaintext', async () => {
    const reader = await SealedReader.open(dataKey, context, inMemory(await sealAll(plaintext)));
    expect(reader.sizeBytes).toBe(plaintext.length);
    await fc.assert(
      fc.asyncProperty(fc.nat(plaintext.length), fc.nat(plaintext.length), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        expect(plaintext.subarray(start, end).equals(await reader.read(start, end - start))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('opens only the chunks it needs', async () => {
    const reads: number[] = [];
    const source = inMemory(await sealAll(plaintext));
    const counted = {
      ...source,
      readInto: (offset: number, target: Uint8Array) => {
        reads.push(offset);
        return source.readInto(offset, target);
      },
    };
    const reader = await SealedReader.open(dataKey, context, counted);
    reads.length = 0;
    await reader.read(CHUNK_BYTES + 5, 10);
    expect(reads).toEqual([chunkOffset(1)]);
  });

  it('reads the header and the end at once, and judges the header first', async () => {
    const asked: number[] = [];
    const { promise: both, resolve } = Promise.withResolvers<undefined>();
    const sealed = await sealAll(plaintext);
    const slow = (bytes: Uint8Array) => ({
      sizeBytes: bytes.length,
      readInto: async (offset: number, target: Uint8Array) => {
        if (asked.push(offset) === 2) resolve(undefined);
        await both;
        await inMemory(bytes).readInto(offset, target);
      },
    });
    await SealedReader.open(dataKey, context, slow(sealed));
    expect(asked).toEqual([0, chunkOffset(Math.floor(plaintext.length / CHUNK_BYTES))]);
    const damaged = Buffer.from(sealed).fill(0, HEADER_BYTES - 1);
    await expect(SealedReader.open(dataKey, context, inMemory(damaged))).rejects.toMatchObject({
      failure: 'commitment',
    });
  });

  it('checks the end before it states a size', async () => {
    const sealed = await sealAll(plaintext);
    const shortened = sealed.subarray(0, chunkOffset(1) + 1000);
    await expect(SealedReader.open(dataKey, context, inMemory(shortened))).rejects.toThrow(SealedStreamError);
  });

  it('refuses ranges outside the object', async () => {
    const reader = await SealedReader.open(dataKey, context, inMemory(await sealAll(plaintext)));
    const end = plaintext.length;
    for (const [offset, bytes] of [
      [-1, 1],
      [0, end + 1],
      [end, 1],
      [0, -1],
      [0.5, 1],
      [NaN, 1],
      [0, Infinity],
    ] as const) {
      await expect(reader.read(offset, bytes)).rejects.toMatchObject({ code: 'range_invalid' });
    }
    expect(await reader.read(end, 0)).toHaveLength(0);
  });

  it('passes on what the source fails with', async () => {
    const sealed = await sealAll(plaintext);
    const lying = { sizeBytes: sealed.length + 1000, readInto: inMemory(sealed).readInto };
    await expect(SealedReader.open(dataKey, context, lying)).rejects.toThrow('beyond the end');
  });

  it('reads across many chunks at once, and notices damage in any of them', async () => {
    const long = plaintextOf(6 * CHUNK_BYTES + 9);
    const sealed = await sealAll(long);
    const reader = await SealedReader.open(dataKey, context, inMemory(sealed));
    expect(long.subarray(7, -3).equals(await reader.read(7, long.length - 10))).toBe(true);
    for (let chunk = 0; chunk < 6; chunk++) {
      const damaged = Buffer.from(sealed);
      damaged.writeUInt8(damaged.readUInt8(chunkOffset(chunk) + 5) ^ 1, chunkOffset(chunk) + 5);
      const other = await SealedReader.open(dataKey, context, inMemory(damaged));
      await expect(other.read(7, long.length - 10)).rejects.toMatchObject({ failure: 'chunk' });
    }
  });
});
