import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  buildEnvelope,
  coSignEnvelope,
  derFromRaw,
  keyIdOf,
  p256PublicKeyFromPem,
  parseEnvelope,
  payloadBytes,
  preAuthenticationEncoding,
  rawFromDer,
  signEnvelope,
  verifiedKeyIds,
  webKeyId,
  webSignEnvelope,
  webVerifyEnvelope,
} from './index.js';

const TYPE = 'application/vnd.in-toto+json';
const utf8 = (text: string) => new TextEncoder().encode(text);
const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const coordinate = (decimal: bigint) =>
  Buffer.from(decimal.toString(16).padStart(64, '0'), 'hex').toString('base64url');

describe('the worked example of the DSSE specification (protocol.md, v1.0.0)', () => {
  const specificationKey = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: coordinate(46950820868899156662930047687818585632848591499744589407958293238635476079160n),
      y: coordinate(5640078356564379163099075877009565129882514886557779369047442380624545832820n),
    },
  });
  const specificationEnvelope = `{"payload": "aGVsbG8gd29ybGQ=",
    "payloadType": "http://example.com/HelloWorld",
    "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}`;

  it('is encoded for signing as the specification prints it', () => {
    expect(
      Buffer.from(preAuthenticationEncoding('http://example.com/HelloWorld', utf8('hello world'))).toString(),
    ).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('verifies with the specification’s key, whose signature is raw r ‖ s', () => {
    const envelope = parseEnvelope(specificationEnvelope);
    const raw = Buffer.from(envelope.signatures[0]!.sig, 'base64');
    const signedBytes = preAuthenticationEncoding(envelope.payloadType, payloadBytes(envelope));
    expect(verify('sha256', signedBytes, specificationKey, derFromRaw(raw))).toBe(true);
  });

  it('has no keyid, which reads as the empty one', () => {
    expect(parseEnvelope(specificationEnvelope).signatures[0]!.keyid).toBe('');
  });
});

describe('the pre-authentication encoding', () => {
  it('counts bytes, not characters', () => {
    expect(Buffer.from(preAuthenticationEncoding('é', utf8('雪'))).toString()).toBe('DSSEv1 2 é 3 雪');
  });

  it('differs whenever type or payload differ', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.string({ unit: 'grapheme' }), fc.uint8Array()),
        fc.tuple(fc.string({ unit: 'grapheme' }), fc.uint8Array()),
        ([typeA, payloadA], [typeB, payloadB]) => {
          const same = typeA === typeB && Buffer.from(payloadA).equals(payloadB);
          const encodedA = Buffer.from(preAuthenticationEncoding(typeA, payloadA));
          expect(encodedA.equals(preAuthenticationEncoding(typeB, payloadB))).toBe(same);
        },
      ),
    );
  });
});

describe('an envelope', () => {
  it('survives JSON and gives its payload back', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.uint8Array({ minLength: 1 }),
        fc.string(),
        (payload, signature, keyid) => {
          const envelope = buildEnvelope(TYPE, payload, [{ keyid, signature }]);
          const read = parseEnvelope(JSON.stringify(envelope));
          expect(read).toEqual(envelope);
          expect(Buffer.from(payloadBytes(read)).equals(payload)).toBe(true);
        },
      ),
    );
  });

  it('of a large payload is encoded without exhausting the stack', () => {
    const payload = new Uint8Array(1_000_003).fill(7);
    expect(payloadBytes(buildEnvelope(TYPE, payload, [])).length).toBe(1_000_003);
  });

  it('may be in URL-safe base64 without padding, as the specification allows', () => {
    const envelope = parseEnvelope({ payload: '-_8', payloadType: TYPE, signatures: [{ sig: 'AA' }] });
    expect([...payloadBytes(envelope)]).toEqual([0xfb, 0xff]);
  });

  it.each([
    ['not JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['without a payload', { payloadType: TYPE, signatures: [{ sig: 'AA==' }] }],
    ['without a type', { payload: '', payloadType: '', signatures: [{ sig: 'AA==' }] }],
    ['without signatures', { payload: '', payloadType: TYPE }],
    ['with an empty list of signatures', { payload: '', payloadType: TYPE, signatures: [] }],
    ['with an empty signature', { payload: '', payloadType: TYPE, signatures: [{ sig: '' }] }],
    ['with a signature that is text', { payload: '', payloadType: TYPE, signatures: ['AA=='] }],
    [
      'with a keyid that is a number',
      { payload: '', payloadType: TYPE, signatures: [{ keyid: 1, sig: 'AA==' }] },
    ],
    ['with a payload beyond base64', { payload: 'a b', payloadType: TYPE, signatures: [{ sig: 'AA==' }] }],
    ['with base64 of impossible length', { payload: 'A', payloadType: TYPE, signatures: [{ sig: 'AA==' }] }],
    [
      'with more signatures than any quorum',
      { payload: '', payloadType: TYPE, signatures: Array.from({ length: 17 }, () => ({ sig: 'AA==' })) },
    ],
  ])('%s is refused with our own error', (_, input) => {
    expect(() => parseEnvelope(input)).toThrow(expect.objectContaining({ code: 'envelope_malformed' }));
  });

  it('never fails with anything but our own error, whatever JSON holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.jsonValue()), (input) => {
        expect(() => parseEnvelope(input)).toThrow(expect.objectContaining({ code: 'envelope_malformed' }));
      }),
    );
  });
});

describe('signing and verifying', () => {
  const alice = newKeys();
  const bob = newKeys();
  const payload = utf8('{"decision":"approve"}');
  const envelope = signEnvelope(TYPE, payload, alice.privateKey);

  it('names the key that signed', () => {
    expect([...verifiedKeyIds(envelope, [bob.publicKey, alice.publicKey])]).toEqual([
      keyIdOf(alice.publicKey),
    ]);
  });

  it('gives a private key and its public key the same id', () => {
    expect(keyIdOf(alice.privateKey)).toBe(keyIdOf(alice.publicKey));
    expect(keyIdOf(alice.publicKey)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('finds every one of several signers once, however often a signature is repeated', () => {
    const both = coSignEnvelope(coSignEnvelope(envelope, bob.privateKey), alice.privateKey);
    expect(verifiedKeyIds(both, [alice.publicKey, bob.publicKey]).size).toBe(2);
  });

  it('trusts no key that was not given', () => {
    expect(verifiedKeyIds(envelope, [bob.publicKey]).size).toBe(0);
  });

  it('does not believe a keyid that names another key', () => {
    const renamed = {
      ...envelope,
      signatures: [{ ...envelope.signatures[0]!, keyid: keyIdOf(bob.publicKey) }],
    };
    expect(verifiedKeyIds(renamed, [alice.publicKey, bob.publicKey]).size).toBe(0);
  });

  it('notices another payload and another type under the same signature', () => {
    const { signatures } = envelope;
    const otherPayload = { ...buildEnvelope(TYPE, utf8('{"decision":"reject"}'), []), signatures };
    expect(verifiedKeyIds(otherPayload, [alice.publicKey]).size).toBe(0);
    expect(verifiedKeyIds({ ...envelope, payloadType: 'text/plain' }, [alice.publicKey]).size).toBe(0);
  });

  it('notices any flipped bit of the signature, and never throws over one', () => {
    const signature = Buffer.from(envelope.signatures[0]!.sig, 'base64');
    fc.assert(
      fc.property(fc.nat({ max: signature.length * 8 - 1 }), (bit) => {
        const flipped = Buffer.from(signature);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const forged = buildEnvelope(TYPE, payload, [
          { keyid: keyIdOf(alice.publicKey), signature: flipped },
        ]);
        expect(verifiedKeyIds(forged, [alice.publicKey]).size).toBe(0);
      }),
    );
  });

  it('takes ECDSA P-256 keys only', () => {
    const others = [generateKeyPairSync('ed25519'), generateKeyPairSync('ec', { namedCurve: 'P-384' })];
    for (const { publicKey, privateKey } of others) {
      const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      expect(() => p256PublicKeyFromPem(pem)).toThrow(expect.objectContaining({ code: 'key_unsupported' }));
      expect(() => signEnvelope(TYPE, payload, privateKey)).toThrow(
        expect.objectContaining({ code: 'key_unsupported' }),
      );
      expect(() => verifiedKeyIds(envelope, [publicKey])).toThrow(
        expect.objectContaining({ code: 'key_unsupported' }),
      );
    }
  });

  it('refuses a private key, a certificate and noise where a public key belongs', () => {
    const privatePem = alice.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const truncated = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n';
    for (const pem of [privatePem, truncated, '', 'key']) {
      expect(() => p256PublicKeyFromPem(pem)).toThrow(expect.objectContaining({ code: 'key_unsupported' }));
    }
  });
});

describe('a browser’s keys (WebCrypto)', () => {
  it('sign envelopes that Node verifies, and verify what Node signed', async () => {
    const browser = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'sign',
      'verify',
    ]);
    const spki = Buffer.from(await crypto.subtle.exportKey('spki', browser.publicKey));
    const nodeView = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const payload = utf8('{}');

    const fromBrowser = await webSignEnvelope(TYPE, payload, browser);
    expect(await webKeyId(browser.publicKey)).toBe(keyIdOf(nodeView));
    expect([...verifiedKeyIds(fromBrowser, [nodeView])]).toEqual([keyIdOf(nodeView)]);
    expect(await webVerifyEnvelope(fromBrowser, browser.publicKey)).toBe(true);
    expect(await webVerifyEnvelope({ ...fromBrowser, payload: 'e30K' }, browser.publicKey)).toBe(false);

    const node = newKeys();
    const imported = await crypto.subtle.importKey(
      'spki',
      node.publicKey.export({ type: 'spki', format: 'der' }),
      { name: 'ECDSA', namedCurve: 'P-256' },
      true,
      ['verify'],
    );
    expect(await webVerifyEnvelope(signEnvelope(TYPE, payload, node.privateKey), imported)).toBe(true);
    expect(await webVerifyEnvelope(fromBrowser, imported)).toBe(false);
  });
});

describe('the two forms of a P-256 signature', () => {
  it('convert into each other without loss', () => {
    const coordinateBytes = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc
        .nat({ max: 32 })
        .map((zeros) => Uint8Array.from({ length: 32 }, (_, i) => (i < zeros ? 0 : 0x80 + i))),
    );
    fc.assert(
      fc.property(coordinateBytes, coordinateBytes, (r, s) => {
        const raw = Uint8Array.from([...r, ...s]);
        expect([...rawFromDer(derFromRaw(raw))]).toEqual([...raw]);
      }),
    );
  });

  it.each([
    ['empty', ''],
    ['no sequence', '0206020101020101'],
    ['a wrong length', '3007020101020101'],
    ['a long-form length', '308106020101020101'],
    ['a missing number', '3003020101'],
    ['a negative number', '3006020180020101'],
    ['a padded number', '300702020001020101'],
    ['an empty number', '30050200020101'],
    ['bytes at the end', '300702010102010100'],
    ['a number beyond its sequence', '3006020101020901'],
    ['a number of 257 bits', `3026022101${'00'.repeat(32)}020101`],
  ])('refuse DER with %s', (_, hex) => {
    expect(() => rawFromDer(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ code: 'signature_malformed' }),
    );
  });

  it('refuse a raw signature that is not 64 bytes', () => {
    expect(() => derFromRaw(new Uint8Array(63))).toThrow(
      expect.objectContaining({ code: 'signature_malformed' }),
    );
  });
});
