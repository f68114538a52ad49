import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decapsulate, encapsulate } from './dhkem.js';
import {
  exportPrivateKey,
  generateKeyPair,
  HpkeError,
  importPrivateKey,
  open,
  publicKeyOf,
  sealTo,
} from './index.js';
import { scheduleKey } from './key-schedule.js';
import { sealWithEphemeral } from './single-shot.js';

const hex = (text: string) => Buffer.from(text, 'hex');
const utf8 = (text: string) => Buffer.from(text);

/** CFRG's test-vectors.json for RFC 9180: mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002, first encryption. */
const vector = {
  info: hex('4f6465206f6e2061204772656369616e2055726e'),
  skEm: hex('179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11'),
  enc: hex('6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256'),
  skRm: hex('497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d'),
  pkRm: hex('430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c'),
  sharedSecret: hex('3101c54c3a4f87439eaac080699ed9bbcc726ffe44e860c0424ccb7e3e2ead7b'),
  key: hex('f50b0609186798729ed0564b36ef2ef8044f1f9d05636874d1f46c819c7a669f'),
  nonce: hex('151d9929e2449747889bc923'),
  aad: utf8('Count-0'),
  plaintext: utf8('Beauty is truth, truth beauty'),
  ciphertext: hex(
    'e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a',
  ),
};

/** RFC 9180 appendix A.1.1: another AEAD, the same KEM. */
const appendixA1 = {
  skEm: hex('52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736'),
  enc: hex('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431'),
  skRm: hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8'),
  pkRm: hex('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d'),
  sharedSecret: hex('fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc'),
};

describe('the vectors of RFC 9180', () => {
  it.each([vector, appendixA1])('agree on the shared secret, from both sides (%#)', (given) => {
    const ephemeral = { publicKey: given.enc, privateKey: importPrivateKey(given.skEm) };
    expect(publicKeyOf(ephemeral.privateKey)).toEqual(given.enc);
    expect(publicKeyOf(importPrivateKey(given.skRm))).toEqual(given.pkRm);
    expect(encapsulate(given.pkRm, ephemeral)).toEqual(given.sharedSecret);
    expect(decapsulate(given.enc, importPrivateKey(given.skRm))).toEqual(given.sharedSecret);
  });

  it('agree on the key schedule', () => {
    const { key, nonce } = scheduleKey(vector.sharedSecret, vector.info);
    expect([key.export(), nonce]).toEqual([vector.key, vector.nonce]);
  });

  it('agree on the ciphertext', () => {
    const ephemeral = { publicKey: vector.enc, privateKey: importPrivateKey(vector.skEm) };
    const sealed = sealWithEphemeral(ephemeral, vector.pkRm, vector.info, vector.aad, vector.plaintext);
    expect(sealed).toEqual({ enc: vector.enc, ciphertext: vector.ciphertext });
  });

  it('open', () => {
    const recipient = importPrivateKey(vector.skRm);
    expect(open(recipient, vector.enc, vector.info, vector.aad, vector.ciphertext)).toEqual(vector.plaintext);
  });
});

describe('sealTo and open', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });

  it('give back what was sealed, whatever it was', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (info, aad, plaintext) => {
        const { publicKey, privateKey } = generateKeyPair();
        const { enc, ciphertext } = sealTo(publicKey, info, aad, plaintext);
        expect(open(privateKey, enc, info, aad, ciphertext)).toEqual(Buffer.from(plaintext));
      }),
      { numRuns: 50 },
    );
  });

  it('never seal the same way twice', () => {
    const { publicKey } = generateKeyPair();
    const seal = () => sealTo(publicKey, utf8('info'), utf8('aad'), utf8('same'));
    expect(seal().enc).not.toEqual(seal().enc);
    expect(seal().ciphertext).not.toEqual(seal().ciphertext);
  });

  const { publicKey, privateKey } = generateKeyPair();
  const sealed = {
    ...sealTo(publicKey, utf8('info'), utf8('aad'), utf8('weights')),
    info: utf8('info'),
    aad: utf8('aad'),
  };
  const failureOf = (key: typeof privateKey, given: typeof sealed) => {
    try {
      open(key, given.enc, given.info, given.aad, given.ciphertext);
    } catch (error) {
      return error;
    }
    throw new Error('it opened');
  };
  const flipped = (whole: Uint8Array, bit: number) => {
    const copy = Buffer.from(whole);
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return copy;
  };

  it.each<[string, () => unknown]>([
    ['another key', () => failureOf(generateKeyPair().privateKey, sealed)],
    ['a key that is not X25519', () => failureOf(generateKeyPairSync('ed25519').privateKey, sealed)],
    ['another info', () => failureOf(privateKey, { ...sealed, info: utf8('other') })],
    ['another aad', () => failureOf(privateKey, { ...sealed, aad: utf8('other') })],
    ['info and aad swapped', () => failureOf(privateKey, { ...sealed, info: sealed.aad, aad: sealed.info })],
    ['another encapsulation', () => failureOf(privateKey, { ...sealed, enc: generateKeyPair().publicKey })],
    ['a short encapsulation', () => failureOf(privateKey, { ...sealed, enc: sealed.enc.subarray(1) })],
    ['a low-order encapsulation', () => failureOf(privateKey, { ...sealed, enc: new Uint8Array(32) })],
    ['an empty ciphertext', () => failureOf(privateKey, { ...sealed, ciphertext: new Uint8Array(0) })],
    [
      'a cut ciphertext',
      () => failureOf(privateKey, { ...sealed, ciphertext: sealed.ciphertext.subarray(0, -1) }),
    ],
  ])('fail alike on %s', (_name, failure) => {
    expect(failure()).toBeInstanceOf(HpkeError);
    expect(failure()).toMatchObject({
      code: 'hpke_open_failed',
      publicDetail: 'The sealed message could not be opened.',
    });
  });

  it('fail on any flipped bit', () => {
    for (let bit = 0; bit < sealed.ciphertext.length * 8; bit++) {
      expect(
        failureOf(privateKey, { ...sealed, ciphertext: flipped(sealed.ciphertext, bit) }),
      ).toBeInstanceOf(HpkeError);
    }
    // Bit 255 is no part of the coordinate, yet the KEM context covers it.
    for (let bit = 0; bit < sealed.enc.length * 8; bit++) {
      expect(failureOf(privateKey, { ...sealed, enc: flipped(sealed.enc, bit) })).toBeInstanceOf(HpkeError);
    }
  });

  // The points of small order, as D. J. Bernstein lists them for implementations that validate (cr.yp.to/ecdh.html).
  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('refuse to seal to the low-order point %s', (point) => {
    expect(() => sealTo(hex(point), utf8(''), utf8(''), utf8('x'))).toThrow(
      expect.objectContaining({ code: 'hpke_key_invalid' }),
    );
  });
});

describe('raw private keys', () => {
  it('survive export and import', () => {
    const { publicKey, privateKey } = generateKeyPair();
    const again = importPrivateKey(exportPrivateKey(privateKey));
    expect(publicKeyOf(again)).toEqual(publicKey);
    const { enc, ciphertext } = sealTo(publicKey, utf8('i'), utf8('a'), utf8('p'));
    expect(open(again, enc, utf8('i'), utf8('a'), ciphertext)).toEqual(utf8('p'));
  });

  it('of another length are refused', () => {
    for (const length of [0, 31, 33]) {
      expect(() => importPrivateKey(new Uint8Array(length))).toThrow(
        expect.objectContaining({ code: 'hpke_key_invalid' }),
      );
    }
  });

  it('cannot be taken from a public key or another curve', () => {
    const ed25519 = generateKeyPairSync('ed25519').privateKey;
    const x25519Public = generateKeyPairSync('x25519').publicKey;
    expect(() => exportPrivateKey(ed25519)).toThrow(expect.objectContaining({ code: 'hpke_key_invalid' }));
    expect(() => exportPrivateKey(x25519Public)).toThrow(
      expect.objectContaining({ code: 'hpke_key_invalid' }),
    );
  });
});
