import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NoteError, NoteSigner, VerifierKey } from './index.js';

const PETER_SIGNER = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';

function refusal(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof NoteError) return error.code;
    throw error;
  }
  return undefined;
}

describe('VerifierKey', () => {
  it('reads and writes the key of the sumdb example', () => {
    const key = VerifierKey.parse(PETER);
    expect(key).toMatchObject({ name: 'PeterNeumann', keyId: 0xc74f20a3 });
    expect(key.toString()).toBe(PETER);
  });

  it.each([
    ['nothing', '', 'key_malformed'],
    ['a missing part', 'PeterNeumann+c74f20a3', 'key_malformed'],
    ['another hash', PETER.replace('c74f20a3', 'c74f20a4'), 'key_malformed'],
    ['a hash in capitals', PETER.replace('c74f20a3', 'C74F20A3'), 'key_malformed'],
    ['another name', PETER.replace('Peter', 'Paul'), 'key_malformed'],
    ['a short key', 'PeterNeumann+c74f20a3+ARpc2Qc=', 'key_malformed'],
    [
      'a long key with its own hash',
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
      'key_malformed',
    ],
    ['a name with a space', PETER.replace('PeterN', 'Peter N'), 'key_name_invalid'],
    [
      'an unknown algorithm with its own hash',
      'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
      'key_unsupported',
    ],
  ])('refuses %s', (_, text, code) => {
    expect(refusal(() => VerifierKey.parse(text))).toBe(code);
  });

  it('refuses a key of another algorithm', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(refusal(() => VerifierKey.fromKeyObject('x', publicKey))).toBe('key_unsupported');
  });

  it('is the same from a private key, its public key and its text', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = VerifierKey.fromKeyObject('castellan.example/log', privateKey);
    expect(VerifierKey.fromKeyObject('castellan.example/log', createPublicKey(privateKey)).toString()).toBe(
      `${key}`,
    );
    expect(VerifierKey.parse(`${key}`).toString()).toBe(`${key}`);
  });

  it('never raises anything but a NoteError, whatever the text', () => {
    const text = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('+', ...PETER.split('+'))));
    fc.assert(
      fc.property(text, (parts) => {
        refusal(() => VerifierKey.parse(parts.join('')));
        refusal(() => NoteSigner.parse(`PRIVATE+KEY+${parts.join('')}`));
      }),
    );
  });
});

describe('NoteSigner', () => {
  it('reads and writes the key of the sumdb example, and has its verifier key', () => {
    const signer = NoteSigner.parse(PETER_SIGNER);
    expect(signer.exportSecret()).toBe(PETER_SIGNER);
    expect(signer.verifierKey.toString()).toBe(PETER);
  });

  it.each([
    ['a verifier key', PETER, 'key_malformed'],
    ['another hash', PETER_SIGNER.replace('c74f20a3', '00000000'), 'key_malformed'],
    ['a short seed', 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEK', 'key_malformed'],
    ['an unknown algorithm', PETER_SIGNER.replace('+AYEK', '+AoEK'), 'key_unsupported'],
  ])('refuses %s', (_, text, code) => {
    expect(refusal(() => NoteSigner.parse(text))).toBe(code);
  });

  it('refuses a public key', () => {
    expect(refusal(() => new NoteSigner('x', generateKeyPairSync('ed25519').publicKey))).toBe(
      'key_unsupported',
    );
  });
});
