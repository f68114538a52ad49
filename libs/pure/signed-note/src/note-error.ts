import { CastellanError } from '@castellan/errors';

export type NoteErrorCode =
  /** Not a note: framing, encoding or a control character. */
  | 'note_malformed'
  /** A key name is empty or holds a space or a plus sign. */
  | 'key_name_invalid'
  /** A verifier or signer key string cannot be read, or its key id is not its own. */
  | 'key_malformed'
  /** The key is of a type other than Ed25519. */
  | 'key_unsupported'
  /** Two different keys were given under the same name and key id. */
  | 'key_ambiguous'
  /** A known key's signature does not verify. */
  | 'signature_invalid'
  /** No signature of a known key is present. */
  | 'signature_missing'
  /** The text of the note is not a checkpoint. */
  | 'checkpoint_malformed'
  /** A valid checkpoint of another log. */
  | 'checkpoint_origin_mismatch';

/** The only error that reading, signing or verifying a note raises, whatever the bytes were. */
export class NoteError extends CastellanError {
  declare readonly code: NoteErrorCode;

  constructor(code: NoteErrorCode, publicDetail: string, cause?: unknown) {
    super({ code, kind: 'invalid', publicDetail, cause });
  }
}
