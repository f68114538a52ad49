import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatCheckpoint,
  NoteError,
  NoteSigner,
  openCheckpoint,
  parseCheckpoint,
  signNote,
} from './index.js';

// The example of C2SP tlog-checkpoint.
const EXAMPLE = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

function refusal(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof NoteError) return error.code;
    throw error;
  }
  return undefined;
}

describe('a checkpoint', () => {
  it('reads and writes the example of the specification', () => {
    const checkpoint = parseCheckpoint(EXAMPLE);
    expect(checkpoint).toMatchObject({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      extensions: [],
    });
    expect(Buffer.from(checkpoint.root).toString('hex')).toBe(
      '0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62',
    );
    expect(formatCheckpoint(checkpoint)).toBe(EXAMPLE);
  });

  it('keeps extension lines', () => {
    expect(formatCheckpoint(parseCheckpoint(`${EXAMPLE}one\ntwo\n`))).toBe(`${EXAMPLE}one\ntwo\n`);
  });

  it.each([
    ['nothing', ''],
    ['two lines', 'origin\n1\n'],
    ['no final newline', EXAMPLE.slice(0, -1)],
    ['an empty origin', EXAMPLE.slice(EXAMPLE.indexOf('\n'))],
    ['an empty extension line', `${EXAMPLE}\n`],
    ['a size with a leading zero', EXAMPLE.replace('20852163', '020852163')],
    ['a signed size', EXAMPLE.replace('20852163', '+1')],
    ['a negative size', EXAMPLE.replace('20852163', '-1')],
    ['a size in another notation', EXAMPLE.replace('20852163', '1e3')],
    ['a size of 2^53', EXAMPLE.replace('20852163', '9007199254740992')],
    ['a root of 31 bytes', EXAMPLE.replace(/\n[^\n]*\n$/, `\n${Buffer.alloc(31).toString('base64')}\n`)],
    ['a root without padding', EXAMPLE.replace('=', '')],
  ])('refuses %s', (_, text) => {
    expect(refusal(() => parseCheckpoint(text))).toBe('checkpoint_malformed');
  });

  it('refuses to write what would be read as something else', () => {
    const root = new Uint8Array(32);
    expect(refusal(() => formatCheckpoint({ origin: 'a\nb', size: 1, root, extensions: [] }))).toBe(
      'checkpoint_malformed',
    );
    expect(refusal(() => formatCheckpoint({ origin: 'a', size: 1, root, extensions: ['b\nc'] }))).toBe(
      'checkpoint_malformed',
    );
    expect(refusal(() => formatCheckpoint({ origin: 'a', size: -1, root, extensions: [] }))).toBe(
      'checkpoint_malformed',
    );
    expect(refusal(() => formatCheckpoint({ origin: 'a', size: 0.5, root, extensions: [] }))).toBe(
      'checkpoint_malformed',
    );
    expect(
      refusal(() => formatCheckpoint({ origin: 'a', size: 1, root: new Uint8Array(3), extensions: [] })),
    ).toBe('checkpoint_malformed');
  });

  it('survives the round trip for every size, root and origin', () => {
    const origin = fc.string({ unit: 'grapheme', minLength: 1 }).filter((s) => !/[\u0000-\u001f]/.test(s));
    const size = fc.maxSafeNat();
    const root = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(origin, size, root, fc.array(origin, { maxLength: 3 }), (o, n, r, extensions) => {
        const checkpoint = { origin: o, size: n, root: new Uint8Array(r), extensions };
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
      }),
    );
  });

  it('never raises anything but a NoteError, whatever the text', () => {
    const text = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', ...EXAMPLE.split('\n'))),
    );
    fc.assert(
      fc.property(text, (parts) => {
        refusal(() => parseCheckpoint(parts.join('')));
      }),
    );
  });
});

describe('openCheckpoint', () => {
  const signer = new NoteSigner('example.com/log', generateKeyPairSync('ed25519').privateKey);
  const checkpoint = { origin: 'example.com/log', size: 7, root: new Uint8Array(32).fill(9), extensions: [] };
  const note = signNote(formatCheckpoint(checkpoint), [signer]);

  it('gives the checkpoint that the log signed', () => {
    expect(openCheckpoint(note, 'example.com/log', [signer.verifierKey])).toEqual({
      ...checkpoint,
      signedBy: [signer.verifierKey],
    });
  });

  it('refuses the checkpoint of another log, though its key signed it', () => {
    expect(refusal(() => openCheckpoint(note, 'example.com/other', [signer.verifierKey]))).toBe(
      'checkpoint_origin_mismatch',
    );
  });

  it('refuses a signed text that is no checkpoint', () => {
    expect(refusal(() => openCheckpoint(signNote('hello\n', [signer]), 'hello', [signer.verifierKey]))).toBe(
      'checkpoint_malformed',
    );
  });

  it('refuses another size under the same signature', () => {
    expect(
      refusal(() => openCheckpoint(note.replace('\n7\n', '\n8\n'), 'example.com/log', [signer.verifierKey])),
    ).toBe('signature_invalid');
  });
});
