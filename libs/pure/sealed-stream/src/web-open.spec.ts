import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CHUNK_BYTES } from './layout.js';
import { seal } from './seal.js';
import { webUnseal } from './web-open.js';

const raw = new Uint8Array(32).fill(5);
const context = new TextEncoder().encode('which object');

async function sealed(plain: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const source = (async function* () {
    yield plain;
  })();
  for await (const piece of seal(createSecretKey(raw), context, source)) pieces.push(Uint8Array.from(piece));
  return new Uint8Array(Buffer.concat(pieces));
}

describe('an object that was sealed in Node', () => {
  it.each([0, 1, 59_967, 59_968, 59_969, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])(
    'of %d bytes is opened in WebCrypto',
    async (length) => {
      const plain = new Uint8Array(length).map((_, at) => at % 251);
      const opened = await webUnseal(raw, context, await sealed(plain));
      expect(Buffer.from(opened).equals(Buffer.from(plain))).toBe(true);
    },
  );

  it('is not opened with another key, in another context, cut, longer or changed', async () => {
    const object = await sealed(new Uint8Array(CHUNK_BYTES + 10).fill(1));
    const changedAt = (at: number) => object.map((byte, index) => (index === at ? byte ^ 1 : byte));
    const other = new Uint8Array(32).fill(6);
    for (const [key, where, given] of [
      [other, context, object],
      [raw, new TextEncoder().encode('another'), object],
      [raw, context, object.slice(0, -1)],
      [raw, context, object.slice(0, 56 + CHUNK_BYTES + 16)],
      [raw, context, object.slice(0, 20)],
      [raw, context, new Uint8Array([...object, 0])],
      [raw, context, changedAt(3)],
      [raw, context, changedAt(40)],
      [raw, context, changedAt(100)],
      [raw, context, changedAt(object.byteLength - 1)],
    ] as const)
      await expect(webUnseal(key, where, given)).rejects.toMatchObject({ code: 'unsealing_failed' });
  });
});
