export { NoteError, type NoteErrorCode } from './note-error.js';
export { VerifierKey } from './verifier-key.js';
export { NoteSigner } from './note-signer.js';
export {
  parseNote,
  parseSignatureLines,
  formatNote,
  MAX_SIGNATURES,
  MAX_NOTE_BYTES,
  type Note,
  type NoteSignature,
} from './note.js';
export { signNote } from './sign-note.js';
export { openNote, type OpenedNote } from './open-note.js';
export { parseCheckpoint, formatCheckpoint, openCheckpoint, type Checkpoint } from './checkpoint.js';
export { CosignerKey } from './cosigner-key.js';
export { openCosignatures, type Cosignature } from './open-cosignatures.js';
