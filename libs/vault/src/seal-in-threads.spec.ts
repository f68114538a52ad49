import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CHUNK_BYTES, open, StreamKey } from '@castellan/sealed-stream';
import { ChunkRun, RUN_PLAIN_BYTES } from './chunk-run.js';
import { workOnChunks } from './chunk-threads.js';
import { sealInThreads } from './seal-in-threads.js';
import { Sha256Stream } from './sha256-stream.js';

const dataKey = createSecretKey(randomBytes(32));
const context = Buffer.from('a context');
const plaintext = randomBytes(6 * RUN_PLAIN_BYTES + 12_345);

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The pieces are copied when the next one but one is asked for, as a store may do. */
async function collect(sealed: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  let held: Uint8Array | undefined;
  for await (const piece of sealed) {
    if (held !== undefined) copies.push(Buffer.from(held));
    held = piece;
  }
  return Buffer.concat(held === undefined ? copies : [...copies, held]);
}

describe('sealing in threads', () => {
  it.each([
    0,
    1,
    300_000,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    RUN_PLAIN_BYTES - 1,
    RUN_PLAIN_BYTES,
    RUN_PLAIN_BYTES + 1,
    plaintext.length,
  ])('makes of %d bytes an object that the sealed stream opens, and their digest', async (length) => {
    const bytes = plaintext.subarray(0, length);
    for (const size of [65_536, 3_000_001]) {
      const hash = new Sha256Stream();
      const key = StreamKey.create(dataKey, context);
      const sealed = await collect(sealInThreads(key, pieces(bytes, size), { sha256: hash }));
      expect(await hash.digest()).toBe(createHash('sha256').update(bytes).digest('hex'));
      const opened = await Array.fromAsync(open(dataKey, context, pieces(sealed, 1_000_003)));
      expect(Buffer.concat(opened).equals(bytes)).toBe(true);
    }
  });

  it('keeps no more than a few runs, however long the stream', async () => {
    let pulled = 0;
    let passed = 0;
    const endless = async function* () {
      for (;;) {
        pulled += CHUNK_BYTES;
        yield plaintext.subarray(0, CHUNK_BYTES);
      }
    };
    const hash = new Sha256Stream();
    for await (const piece of sealInThreads(StreamKey.create(dataKey, context), endless(), {
      sha256: hash,
    })) {
      passed += piece.byteLength;
      expect(pulled - passed).toBeLessThanOrEqual(6 * RUN_PLAIN_BYTES);
      if (passed > 20 * RUN_PLAIN_BYTES) break;
    }
    hash.discard();
  });

  it('lets go of the source, and passes on what it throws', async () => {
    let released = false;
    const source = (async function* () {
      try {
        yield* pieces(plaintext, 700_000);
        throw new Error('connection lost');
      } finally {
        released = true;
      }
    })();
    const hash = new Sha256Stream();
    await expect(
      collect(sealInThreads(StreamKey.create(dataKey, context), source, { sha256: hash })),
    ).rejects.toThrow('connection lost');
    hash.discard();
    expect(released).toBe(true);
  });
});

describe('work on chunks', () => {
  const { chunkKey } = StreamKey.create(dataKey, context);
  const run = () => {
    const filled = new ChunkRun();
    for (let done = 0; done < RUN_PLAIN_BYTES;) done += filled.add(plaintext.subarray(done));
    return filled;
  };

  it('notices a chunk that is not genuine, and leaves nothing of it', async () => {
    const { chunks } = run();
    expect(await workOnChunks({ task: 'seal', chunkKey, first: 8, chunks, hashed: false })).toMatchObject({
      genuine: true,
    });
    const [, second] = chunks;
    second?.writeUInt8(second.readUInt8(5) ^ 1, 5);
    expect(await workOnChunks({ task: 'open', chunkKey, first: 8, chunks, hashed: false })).toMatchObject({
      genuine: false,
    });
    expect(second?.every((byte) => byte === 0)).toBe(true);
  });

  it('fails alone when its thread ends, and the next work starts another', async () => {
    const broken = { key: chunkKey.key, baseNonce: new Uint8Array(0) };
    const [failing, going] = [run(), run()];
    const failed = workOnChunks({
      task: 'seal',
      chunkKey: broken,
      first: 0,
      chunks: failing.chunks,
      hashed: false,
    });
    const [outcome] = await Promise.allSettled([failed]);
    expect(outcome.status).toBe('rejected');
    expect(
      await workOnChunks({ task: 'seal', chunkKey, first: 0, chunks: going.chunks, hashed: false }),
    ).toMatchObject({ genuine: true });
  });
});
