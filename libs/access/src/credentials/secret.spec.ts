import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isWellFormed, newSecret, secretHash } from './secret.js';

describe('newSecret', () => {
  it.each([
    ['api_key', 'cst_'],
    ['session', 'css_'],
    ['sign_in_link', 'csl_'],
  ] as const)('says by its prefix that it is an %s', (kind, prefix) => {
    const secret = newSecret(kind);
    expect(secret).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{36}$`));
    expect(isWellFormed(secret, kind)).toBe(true);
  });

  it('never makes the same secret twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newSecret('api_key'))).size).toBe(1000);
  });
});

describe('isWellFormed', () => {
  it('refuses every key with one character changed', () => {
    const secret = newSecret('api_key');
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: secret.length - 1 }),
        fc.constantFrom(...'0Zz9aA'),
        (place, other) => {
          fc.pre(secret[place] !== other);
          const mistyped = `${secret.slice(0, place)}${other}${secret.slice(place + 1)}`;
          expect(isWellFormed(mistyped, 'api_key')).toBe(false);
        },
      ),
    );
  });

  it('refuses a secret of one kind in the place of another', () => {
    expect(isWellFormed(newSecret('session'), 'api_key')).toBe(false);
  });

  it.each(['', 'cst_', 'x'.repeat(40), `cst_${'é'.repeat(36)}`])('refuses %j', (text) => {
    expect(isWellFormed(text, 'api_key')).toBe(false);
  });

  it('counts CRC-32 in base62, as a secret scanner would', () => {
    const random = '0123456789abcdefghijABCDEFGHIJ';
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    let rest = BigInt(crc32(random));
    let checksum = '';
    for (let place = 0; place < 6; place++) {
      checksum = `${digits[Number(rest % 62n)]}${checksum}`;
      rest /= 62n;
    }
    expect(isWellFormed(`cst_${random}${checksum}`, 'api_key')).toBe(true);
  });
});

describe('secretHash', () => {
  it('is SHA-256, and holds nothing of the secret', () => {
    const secret = newSecret('api_key');
    expect(Buffer.from(secretHash(secret)).toString('hex')).toBe(
      createHash('sha256').update(secret).digest('hex'),
    );
  });
});
