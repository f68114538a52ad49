import { parseNote, type NoteSignature } from './note.js';
import { NoteError } from './note-error.js';
import type { VerifierKey } from './verifier-key.js';

/** A note whose text at least one known key has signed. */
export interface OpenedNote {
  readonly text: string;
  /** The known keys that signed, each once, in the order of their first signature. Never empty. */
  readonly signedBy: readonly VerifierKey[];
  /** Signatures of keys that the reader does not know. They prove nothing. */
  readonly unverified: readonly NoteSignature[];
}

/**
 * Verifies every signature of a known key and ignores the rest (C2SP signed-note v1, "Signatures").
 * A known key's bad signature rejects the whole note, also when another known key's is good.
 *
 * @throws NoteError `note_malformed`, `signature_invalid`, `signature_missing`, `key_ambiguous`
 */
export function openNote(input: string | Uint8Array, known: readonly VerifierKey[]): OpenedNote {
  const keys = indexKeys(known);
  const { text, signatures } = parseNote(input);
  const signedBy = new Set<VerifierKey>();
  const unverified: NoteSignature[] = [];
  for (const line of signatures) {
    const key = keys.get(identity(line));
    if (key === undefined) unverified.push(line);
    else if (key.verifies(text, line.signature)) signedBy.add(key);
    else throw new NoteError('signature_invalid', `The signature of ${key.name} does not verify.`);
  }
  if (signedBy.size === 0) throw new NoteError('signature_missing', 'No known key has signed this note.');
  return { text, signedBy: [...signedBy], unverified };
}

function indexKeys(known: readonly VerifierKey[]): Map<string, VerifierKey> {
  const keys = new Map<string, VerifierKey>();
  for (const key of known) {
    const earlier = keys.get(identity(key));
    if (earlier !== undefined && earlier.toString() !== key.toString())
      throw new NoteError('key_ambiguous', `Two keys share the name ${key.name} and a key id.`);
    keys.set(identity(key), key);
  }
  return keys;
}

function identity({ name, keyId }: { readonly name: string; readonly keyId: number }): string {
  return `${name}+${keyId}`;
}
