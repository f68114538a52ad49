import { describe, expect, it } from '@jest/globals';
import { generateKeyPair, OpeningContext, SealingContext, sealTo } from './index.js';
import { nonceOf } from './key-schedule.js';

const utf8 = (text: string) => Buffer.from(text);

/** CFRG's test-vectors.json for RFC 9180: mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002: base nonce and nonces by number. */
const vector = {
  baseNonce: '151d9929e2449747889bc923',
  nonces: [
    [0, '151d9929e2449747889bc923'],
    [1, '151d9929e2449747889bc922'],
    [2, '151d9929e2449747889bc921'],
    [4, '151d9929e2449747889bc927'],
    [255, '151d9929e2449747889bc9dc'],
    [256, '151d9929e2449747889bc823'],
  ],
} as const;

describe('a sealing context', () => {
  it.each(vector.nonces)('numbers its messages as RFC 9180 does (%d)', (sequence, nonce) => {
    expect(nonceOf(Buffer.from(vector.baseNonce, 'hex'), sequence).toString('hex')).toBe(nonce);
  });

  const { publicKey, privateKey } = generateKeyPair();
  const info = utf8('info');
  const sealing = new SealingContext(publicKey, info);
  const texts = ['one', 'two', 'three', 'three'];
  const messages = texts.map((text, n) => sealing.seal(utf8(`aad ${n}`), utf8(text)));

  it('gives messages that open by themselves, in any order, and never seals the same way twice', () => {
    const opening = new OpeningContext(privateKey, messages[0]?.enc ?? utf8(''), info);
    const opened = [...messages.keys()].reverse().map((n) => {
      const { ciphertext, sequence } = messages[n] ?? sealing.seal(utf8(''), utf8(''));
      return opening.open(utf8(`aad ${n}`), ciphertext, sequence).toString();
    });
    expect(opened).toEqual([...texts].reverse());
    expect(messages[2]?.ciphertext).not.toEqual(messages[3]?.ciphertext);
  });

  it('seals its first message as a single shot would be opened', () => {
    const { enc, ciphertext } = sealTo(publicKey, info, utf8('aad'), utf8('text'));
    const opened = new OpeningContext(privateKey, enc, info).open(utf8('aad'), ciphertext, 0);
    expect(opened.toString()).toBe('text');
  });

  it.each([
    ['another number', 'aad 1', 2],
    ['another aad', 'aad 2', 1],
  ])('opens no message under %s', (_what, aad, sequence) => {
    const [, second] = messages;
    if (second === undefined) throw new Error('no message');
    const opening = new OpeningContext(privateKey, second.enc, info);
    expect(() => opening.open(utf8(aad), second.ciphertext, sequence)).toThrow('could not be opened');
  });
});
