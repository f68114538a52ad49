import { describe, expect, it } from '@jest/globals';
import { sealTo } from './single-shot.js';
import { webOpen, webRecipient } from './web-open.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const [info, aad] = [bytes('kind of thing'), bytes('which one')];

describe('a recipient in WebCrypto', () => {
  it.each([0, 1, 32, 100_000])('opens %d bytes that were sealed to it in Node', async (length) => {
    const recipient = await webRecipient();
    const plain = new Uint8Array(length).fill(7);
    const { enc, ciphertext } = sealTo(recipient.publicKey, info, aad, plain);
    const opened = await webOpen(recipient, new Uint8Array(enc), info, aad, new Uint8Array(ciphertext));
    expect(Buffer.from(opened).equals(Buffer.from(plain))).toBe(true);
  });

  it('opens nothing for another recipient, info or aad, and nothing that was changed', async () => {
    const [recipient, other] = [await webRecipient(), await webRecipient()];
    const sealed = sealTo(recipient.publicKey, info, aad, bytes('data key'));
    const [enc, ciphertext] = [new Uint8Array(sealed.enc), new Uint8Array(sealed.ciphertext)];
    const changed = ciphertext.slice();
    changed[0] = (changed[0] ?? 0) ^ 1;
    for (const attempt of [
      () => webOpen(other, enc, info, aad, ciphertext),
      () => webOpen(recipient, enc, bytes('other'), aad, ciphertext),
      () => webOpen(recipient, enc, info, bytes('other'), ciphertext),
      () => webOpen(recipient, enc, info, aad, changed),
      () => webOpen(recipient, enc, info, aad, new Uint8Array(3)),
      () => webOpen(recipient, new Uint8Array(32), info, aad, ciphertext),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'hpke_open_failed' });
  });

  it('keeps its private half to itself', async () => {
    const { privateKey } = await webRecipient();
    await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow();
  });
});
