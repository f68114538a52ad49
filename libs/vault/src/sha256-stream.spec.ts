import { createHash, randomBytes } from 'node:crypto';
import { Sha256Stream } from './sha256-stream.js';
import { Sha256Thread } from './sha256-thread.js';

const MIB = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function digestOf(bytes: Uint8Array, pieceBytes: number): Promise<string> {
  const stream = new Sha256Stream();
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
    await stream.update(piece);
    piece.fill(0);
  }
  return stream.digest();
}

describe('Sha256Stream', () => {
  const bytes = randomBytes(9 * MIB + 1);

  it.each([0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 4 * MIB, 4 * MIB + 1, 8 * MIB, 9 * MIB + 1])(
    'is the plain SHA-256 of %d bytes, whatever happens to the pieces afterwards',
    async (length) => {
      const some = bytes.subarray(0, length);
      for (const pieceBytes of [65_536, 700_001, MIB, 3 * MIB]) {
        expect(await digestOf(some, pieceBytes)).toBe(sha256(some));
      }
    },
  );

  it('keeps streams that run at once apart', async () => {
    const inputs = Array.from({ length: 8 }, (_, turn) =>
      bytes.subarray(turn, bytes.length - 100_000 * turn),
    );
    const digests = await Promise.all(inputs.map((input) => digestOf(input, 200_000)));
    expect(digests).toEqual(inputs.map(sha256));
  });

  it('can be let go of at any point, and disturbs nobody', async () => {
    const dropped = new Sha256Stream();
    await dropped.update(bytes);
    const [digest] = await Promise.all([
      digestOf(bytes, MIB),
      (async () => dropped.discard())(),
      (async () => new Sha256Stream().discard())(),
    ]);
    expect(digest).toBe(sha256(bytes));
  });

  it('fails when its thread ends, and the next stream starts another', async () => {
    const stream = new Sha256Stream();
    await stream.update(bytes);
    const running = Sha256Thread.running();
    await running.stop();
    await expect(stream.digest()).rejects.toThrow('the hashing thread ended');
    await expect(stream.update(bytes)).rejects.toThrow();
    expect(Sha256Thread.running()).not.toBe(running);
    expect(await digestOf(bytes, MIB)).toBe(sha256(bytes));
  });
});
