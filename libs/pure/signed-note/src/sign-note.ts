import { formatNote, requireNoteText } from './note.js';
import type { NoteSigner } from './note-signer.js';

/**
 * Signs `text`, which must end in a newline, with every signer in the given order.
 * The same text and signers give the same note, byte for byte.
 * @throws NoteError `note_malformed` when the text cannot be a note's, or there is no signer
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  requireNoteText(text);
  const signatures = signers.map((signer) => ({
    name: signer.name,
    keyId: signer.verifierKey.keyId,
    signature: signer.sign(text),
  }));
  return formatNote({ text, signatures });
}
