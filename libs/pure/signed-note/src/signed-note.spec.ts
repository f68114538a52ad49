import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatNote,
  NoteError,
  NoteSigner,
  openNote,
  parseNote,
  signNote,
  VerifierKey,
  type NoteErrorCode,
} from './index.js';

// The examples of golang.org/x/mod/sumdb/note.
const PETER_SIGNER = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH_LINE =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';

const peter = VerifierKey.parse(PETER);
const enoch = VerifierKey.parse(ENOCH);

function refusal(run: () => unknown): NoteErrorCode | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof NoteError) return error.code;
    throw error;
  }
  return undefined;
}

describe('signNote', () => {
  it('writes the note of the sumdb example, byte for byte', () => {
    expect(signNote(TEXT, [NoteSigner.parse(PETER_SIGNER)])).toBe(`${TEXT}\n${PETER_LINE}`);
  });

  it.each([
    ['no final newline', 'abc'],
    ['an empty text', ''],
    ['a control character', 'a\tb\n'],
    ['a lone surrogate', '\ud800\n'],
  ])('refuses %s', (_, text) => {
    expect(refusal(() => signNote(text, [NoteSigner.parse(PETER_SIGNER)]))).toBe('note_malformed');
  });

  it('refuses to make a note that nobody signed', () => {
    expect(refusal(() => signNote(TEXT, []))).toBe('note_malformed');
  });
});

describe('openNote', () => {
  it('opens the note of the sumdb example', () => {
    const opened = openNote(`${TEXT}\n${PETER_LINE}`, [peter]);
    expect(opened).toEqual({ text: TEXT, signedBy: [peter], unverified: [] });
  });

  it('opens the example of the C2SP specification when its key is unknown only by refusing it', () => {
    const note =
      'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n' +
      '— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n';
    expect(parseNote(note).text).toContain('sole:\n\ned è');
    expect(parseNote(note).signatures).toMatchObject([
      { name: 'quasimodo.example/salvatore', keyId: 0x367ba04b },
    ]);
    expect(refusal(() => openNote(note, [peter]))).toBe('signature_missing');
  });

  it('names every known key that signed, and sets unknown ones aside', () => {
    const note = `${TEXT}\n${PETER_LINE}${ENOCH_LINE}`;
    expect(openNote(note, [peter, enoch]).signedBy).toEqual([peter, enoch]);
    const opened = openNote(note, [enoch]);
    expect(opened.signedBy).toEqual([enoch]);
    expect(opened.unverified).toMatchObject([{ name: 'PeterNeumann', keyId: 0xc74f20a3 }]);
  });

  it('counts a key once, however often it signed', () => {
    expect(openNote(`${TEXT}\n${PETER_LINE}${PETER_LINE}`, [peter, peter]).signedBy).toEqual([peter]);
  });

  it('rejects the note for the bad signature of one known key, though another is good', () => {
    const bad = ENOCH_LINE.replace('rwz+eBzm', 'rwz+eBzn');
    expect(refusal(() => openNote(`${TEXT}\n${PETER_LINE}${bad}`, [peter, enoch]))).toBe('signature_invalid');
    expect(openNote(`${TEXT}\n${PETER_LINE}${bad}`, [peter]).signedBy).toEqual([peter]);
  });

  it('rejects a second, bad signature of a key whose first is good', () => {
    const bad = PETER_LINE.replace('x08go/ZJ', 'x08go/ZK');
    expect(refusal(() => openNote(`${TEXT}\n${PETER_LINE}${bad}`, [peter]))).toBe('signature_invalid');
  });

  it('rejects a signature of the wrong length by a known key', () => {
    const short = formatNote({
      text: TEXT,
      signatures: [{ name: peter.name, keyId: peter.keyId, signature: Uint8Array.of(1) }],
    });
    expect(refusal(() => openNote(short, [peter]))).toBe('signature_invalid');
  });

  it('does not take a signature of another name with the same key id for a known one', () => {
    const renamed = PETER_LINE.replace('PeterNeumann', 'CarmenSandiego');
    expect(refusal(() => openNote(`${TEXT}\n${renamed}`, [peter]))).toBe('signature_missing');
  });

  it('refuses two keys under one name and key id', () => {
    const forged = Object.assign(Object.create(VerifierKey.prototype), {
      name: peter.name,
      keyId: peter.keyId,
      publicKey: enoch.publicKey,
    });
    expect(refusal(() => openNote(`${TEXT}\n${PETER_LINE}`, [peter, forged]))).toBe('key_ambiguous');
  });

  const malformed: readonly (readonly [string, string | Uint8Array])[] = [
    ['nothing', ''],
    ['only a blank line', '\n\n'],
    ['text alone', TEXT],
    ['text and a blank line', `${TEXT}\n`],
    ['a signature without its newline', `${TEXT}\n${PETER_LINE.slice(0, -1)}`],
    ['a control character', `\u0001${TEXT}\n${PETER_LINE}`],
    ['a carriage return', `${TEXT.replaceAll('\n', '\r\n')}\r\n${PETER_LINE}`],
    ['bytes that are not UTF-8', Buffer.concat([Uint8Array.of(0xff), Buffer.from(`${TEXT}\n${PETER_LINE}`)])],
    ['a lone surrogate', `\udc00${TEXT}\n${PETER_LINE}`],
    ['a name with a space', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'Bad Name')}`],
    ['a name with a no-break space', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'Bad\u00a0Name')}`],
    ['a name with a next-line character', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'Bad\u0085Name')}`],
    ['a name with a plus sign', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'a+b')}`],
    ['an empty name', `${TEXT}\n${PETER_LINE.replace('PeterNeumann', '')}`],
    ['a hyphen for the dash', `${TEXT}\n${PETER_LINE.replace('—', '-')}`],
    ['a line that is no signature', `${TEXT}\n${PETER_LINE}Unexpected line.\n`],
    ['an empty line between signatures', `${TEXT}\n${PETER_LINE}\n`],
    ['an empty signature', `${TEXT}\n— PeterNeumann \n`],
    ['a signature without bytes after the key id', `${TEXT}\n— PeterNeumann x08gow==\n`],
    ['Base64 without padding', `${TEXT}\n${PETER_LINE.replace('AM=\n', 'AM\n')}`],
    ['Base64 with spare bits', `${TEXT}\n${PETER_LINE.replace('AM=\n', 'AN=\n')}`],
    ['URL-safe Base64', `${TEXT}\n${PETER_LINE.replaceAll('/', '_')}`],
    ['101 signatures', `${TEXT}\n${PETER_LINE.repeat(101)}`],
    ['more than a megabyte', `${'a'.repeat(1_000_000)}\n\n${PETER_LINE}`],
  ];
  it.each(malformed)('calls malformed: %s', (_, note) => {
    expect(refusal(() => openNote(note, [peter]))).toBe('note_malformed');
  });

  it('takes a hundred signatures', () => {
    expect(openNote(`${TEXT}\n${PETER_LINE.repeat(100)}`, [peter]).signedBy).toEqual([peter]);
  });

  it('splits text from signatures at the last blank line, so that a note may quote a note', () => {
    const signer = NoteSigner.parse(PETER_SIGNER);
    const quoted = signNote(TEXT, [signer]);
    expect(openNote(signNote(quoted, [signer]), [peter]).text).toBe(quoted);
  });

  it('never raises anything but a NoteError, whatever the bytes', () => {
    const lines = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(TEXT, '\n', '— ', PETER_LINE, ENOCH_LINE, 'PeterNeumann'),
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          lines.map((parts) => parts.join('')),
          fc.uint8Array(),
        ),
        (note) => {
          refusal(() => openNote(note, [peter, enoch]));
        },
      ),
    );
  });

  it('opens what was signed, and nothing else', () => {
    const text = fc.string({ unit: 'grapheme' }).map((s) => `${s.replaceAll(/[\u0000-\u001f]/g, '\n')}\n`);
    const signer = new NoteSigner('castellan.example/log', generateKeyPairSync('ed25519').privateKey);
    fc.assert(
      fc.property(text, fc.nat(), fc.integer({ min: 0, max: 7 }), (body, position, bit) => {
        const note = Buffer.from(signNote(body, [signer]));
        expect(openNote(note, [signer.verifierKey]).text).toBe(body);
        const at = position % note.length;
        note[at] = (note[at] ?? 0) ^ (1 << bit);
        expect(refusal(() => openNote(note, [signer.verifierKey]))).toBeDefined();
      }),
    );
  });
});
