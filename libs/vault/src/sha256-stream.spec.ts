import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Sha256Stream } from './sha256-stream.js';
import { Sha256Thread } from './sha256-thread.js';

const MIB = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function shared(bytes: Uint8Array): Buffer<SharedArrayBuffer> {
  const copy = Buffer.from(new SharedArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}

function blocksOf(bytes: Uint8Array, blockBytes: number): Buffer<SharedArrayBuffer>[] {
  const count = Math.ceil(bytes.byteLength / blockBytes);
  return Array.from({ length: count }, (_, turn) =>
    shared(bytes.subarray(turn * blockBytes, (turn + 1) * blockBytes)),
  );
}

async function digestOf(bytes: Uint8Array, blockBytes: number): Promise<string> {
  const stream = new Sha256Stream();
  for (const block of blocksOf(bytes, blockBytes)) {
    await stream.add([block.subarray(0, 10), block.subarray(10)]);
    block.fill(0);
  }
  return stream.digest();
}

describe('Sha256Stream', () => {
  const bytes = randomBytes(9 * MIB + 1);

  it.each([0, 1, 11, 100_000, MIB - 1, MIB, MIB + 1, 2 * MIB, 4 * MIB, 4 * MIB + 1, 8 * MIB, 9 * MIB + 1])(
    'is the plain SHA-256 of %d bytes, whatever happens to the blocks afterwards',
    async (length) => {
      const some = bytes.subarray(0, length);
      for (const blockBytes of [65_536, 700_001, MIB, 3 * MIB]) {
        expect(await digestOf(some, blockBytes)).toBe(sha256(some));
      }
    },
  );

  it('takes blocks in the order of the calls, awaited or not', async () => {
    const stream = new Sha256Stream();
    await Promise.all(blocksOf(bytes, 700_001).map((block) => stream.add([block])));
    expect(await stream.digest()).toBe(sha256(bytes));
  });

  it('goes on from a saved state, as many times as wanted, to the plain SHA-256', async () => {
    const parts = [64, MIB, 3 * MIB + 640, 5 * MIB].map((end, turn, ends) =>
      bytes.subarray(ends[turn - 1] ?? 0, end),
    );
    let state: Uint8Array = new Uint8Array(0);
    for (const part of parts) {
      const stream = new Sha256Stream(state);
      await stream.add([shared(part)]);
      state = await stream.save();
      stream.discard();
    }
    const last = new Sha256Stream(state);
    await last.add([shared(bytes.subarray(5 * MIB))]);
    expect(await last.digest()).toBe(sha256(bytes));
    expect(await new Sha256Stream(new Uint8Array(0)).digest()).toBe(sha256(Buffer.alloc(0)));
  });

  it('saves nothing of the bytes themselves at the end of a block', async () => {
    const stream = new Sha256Stream(new Uint8Array(0));
    await stream.add([shared(Buffer.alloc(MIB + 64, 'PLAINTEXT'))]);
    const state = Buffer.from(await stream.save());
    stream.discard();
    expect(state.includes('PLAIN')).toBe(false);
    expect(state.subarray(4, 68)).toEqual(Buffer.alloc(64));
  });

  it('refuses a state that another release saved', async () => {
    const stream = new Sha256Stream(new Uint8Array(116));
    await expect(stream.save()).rejects.toMatchObject({ code: 'digest_state_unreadable', kind: 'conflict' });
  });

  it('keeps streams that run at once apart', async () => {
    const inputs = Array.from({ length: 8 }, (_, turn) =>
      bytes.subarray(turn, bytes.length - 100_000 * turn),
    );
    const digests = await Promise.all(inputs.map((input) => digestOf(input, 400_000)));
    expect(digests).toEqual(inputs.map(sha256));
  });

  it('can be let go of at any point, and disturbs nobody', async () => {
    const dropped = new Sha256Stream();
    await dropped.add([shared(bytes)]);
    const [digest] = await Promise.all([
      digestOf(bytes, MIB),
      (async () => dropped.discard())(),
      (async () => new Sha256Stream().discard())(),
    ]);
    expect(digest).toBe(sha256(bytes));
  });

  it('fails when its thread ends, and the next stream starts another', async () => {
    const stream = new Sha256Stream();
    await stream.add([shared(bytes)]);
    const running = Sha256Thread.running();
    await running.stop();
    await expect(stream.digest()).rejects.toThrow('the hashing thread ended');
    await expect(stream.add([shared(bytes)])).rejects.toThrow();
    expect(Sha256Thread.running()).not.toBe(running);
    expect(await digestOf(bytes, MIB)).toBe(sha256(bytes));
  });
});
