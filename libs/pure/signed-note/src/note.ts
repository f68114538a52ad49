import { decodeBase64, encodeBase64 } from './base64.js';
import { isKeyName } from './key-id.js';
import { NoteError } from './note-error.js';

/** One signature line, not yet verified. */
export interface NoteSignature {
  readonly name: string;
  /** Unsigned 32-bit. */
  readonly keyId: number;
  /** The algorithm's bytes, without the key id. */
  readonly signature: Uint8Array;
}

/** A note taken apart. Nothing in it is to be believed until `openNote` has verified a signature. */
export interface Note {
  /** Ends in a newline, which is signed too. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** The specification asks for at least 16; Go's reader, like this one, takes 100. */
export const MAX_SIGNATURES = 100;

/** One megabyte, as in Go's reader. */
export const MAX_NOTE_BYTES = 1_000_000;

const CONTROL_CHARACTER = /[\u0000-\u0009\u000b-\u001f]/;
const SIGNATURE_PREFIX = '\u2014 ';
const KEY_ID_BYTES = 4;

/**
 * Takes a note apart without verifying it (C2SP signed-note v1, "Format").
 * @throws NoteError `note_malformed`
 */
export function parseNote(input: string | Uint8Array): Note {
  const note = decodeUtf8(input);
  if (CONTROL_CHARACTER.test(note)) throw malformed('It holds a control character.');
  const separator = note.lastIndexOf('\n\n');
  if (separator < 0) throw malformed('No blank line separates text and signatures.');
  const text = note.slice(0, separator + 1);
  return { text, signatures: parseSignatureLines(note.slice(separator + 2)) };
}

/**
 * Reads signature lines that came without their note, as a witness answers them.
 * @throws NoteError `note_malformed`
 */
export function parseSignatureLines(block: string): NoteSignature[] {
  if (!block.endsWith('\n')) throw malformed('It does not end in a signature line.');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed(`It has more than ${MAX_SIGNATURES} signatures.`);
  return lines.map(parseSignatureLine);
}

/** @throws NoteError `note_malformed` when the text could not be read back, or nobody signed */
export function formatNote(note: Note): string {
  requireNoteText(note.text);
  if (note.signatures.length === 0) throw malformed('It has no signature.');
  const formatted = `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`;
  parseNote(formatted);
  return formatted;
}

/** @throws NoteError `note_malformed` unless `text` is a note text: well-formed, without controls, ending in a newline */
export function requireNoteText(text: string): void {
  if (!text.isWellFormed()) throw malformed('It is not valid Unicode.');
  if (CONTROL_CHARACTER.test(text)) throw malformed('It holds a control character.');
  if (!text.endsWith('\n')) throw malformed('The text does not end in a newline.');
}

function parseSignatureLine(line: string): NoteSignature {
  const [name, encoded, ...rest] = line.startsWith(SIGNATURE_PREFIX)
    ? line.slice(SIGNATURE_PREFIX.length).split(' ')
    : [];
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
  if (name === undefined || rest.length > 0 || bytes === undefined || !isKeyName(name))
    throw malformed('A signature line does not have the form "— name base64".');
  if (bytes.length <= KEY_ID_BYTES) throw malformed('A signature is too short.');
  return { name, keyId: Buffer.from(bytes).readUInt32BE(0), signature: bytes.slice(KEY_ID_BYTES) };
}

function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  const id = Buffer.alloc(KEY_ID_BYTES);
  id.writeUInt32BE(keyId);
  return `${SIGNATURE_PREFIX}${name} ${encodeBase64(Buffer.concat([id, signature]))}\n`;
}

function decodeUtf8(input: string | Uint8Array): string {
  if (input.length > MAX_NOTE_BYTES) throw malformed('It is longer than a megabyte.');
  if (typeof input === 'string') {
    if (!input.isWellFormed()) throw malformed('It is not valid Unicode.');
    return input;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input);
  } catch (cause) {
    throw malformed('It is not valid UTF-8.', cause);
  }
}

function malformed(reason: string, cause?: unknown): NoteError {
  return new NoteError('note_malformed', `Not a signed note. ${reason}`, cause);
}
