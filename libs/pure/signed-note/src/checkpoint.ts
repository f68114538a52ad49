import { decodeBase64, encodeBase64 } from './base64.js';
import { openNote, type OpenedNote } from './open-note.js';
import { requireNoteText } from './note.js';
import { NoteError } from './note-error.js';
import type { VerifierKey } from './verifier-key.js';

/** A Merkle tree head: "the log `origin`, at `size` leaves, has this root". */
export interface Checkpoint {
  readonly origin: string;
  /** Number of leaves, 0 to 2^53 − 1. */
  readonly size: number;
  /** 32 bytes, RFC 6962 root of the first `size` leaves. */
  readonly root: Uint8Array;
  /** Opaque lines after the root, each non-empty. Discouraged: monitors cannot audit them. */
  readonly extensions: readonly string[];
}

const ROOT_BYTES = 32;
const DECIMAL = /^(0|[1-9][0-9]*)$/;

/**
 * Reads the text of a checkpoint note (C2SP tlog-checkpoint, "Note text"). It says nothing about signatures.
 * @throws NoteError `checkpoint_malformed`
 */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw malformed('It does not end in a newline.');
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n');
  if (origin === undefined || size === undefined || root === undefined)
    throw malformed('It has fewer than three lines.');
  if (origin === '' || extensions.includes('')) throw malformed('It holds an empty line.');
  return { origin, size: parseSize(size), root: parseRoot(root), extensions };
}

/** The text to be signed. @throws NoteError `checkpoint_malformed`, `note_malformed` */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  const text = [origin, String(size), encodeBase64(root), ...extensions, ''].join('\n');
  requireNoteText(text);
  const read = parseCheckpoint(text);
  if (read.origin !== origin || read.extensions.length !== extensions.length)
    throw malformed('A line holds a newline.');
  return text;
}

/**
 * Verifies a signed checkpoint of the log `origin` and reads it.
 * The keys must be the log's own: any of them suffices, so never mix in a witness's.
 *
 * @throws NoteError those of `openNote`, `checkpoint_malformed`, `checkpoint_origin_mismatch`
 */
export function openCheckpoint(
  note: string | Uint8Array,
  origin: string,
  keys: readonly VerifierKey[],
): Checkpoint & Pick<OpenedNote, 'signedBy'> {
  const { text, signedBy } = openNote(note, keys);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin)
    throw new NoteError('checkpoint_origin_mismatch', 'The checkpoint belongs to another log.');
  return { ...checkpoint, signedBy };
}

function parseSize(text: string): number {
  const size = Number(text);
  if (!DECIMAL.test(text) || !Number.isSafeInteger(size))
    throw malformed('The size is not a decimal number below 2^53.');
  return size;
}

function parseRoot(text: string): Uint8Array {
  const root = decodeBase64(text);
  if (root?.length !== ROOT_BYTES) throw malformed('The root is not the Base64 of 32 bytes.');
  return root;
}

function malformed(reason: string): NoteError {
  return new NoteError('checkpoint_malformed', `Not a checkpoint. ${reason}`);
}
