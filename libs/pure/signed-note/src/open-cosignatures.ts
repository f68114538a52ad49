import { NoteError } from './note-error.js';
import type { CosignerKey } from './cosigner-key.js';
import type { NoteSignature } from './note.js';

export interface Cosignature {
  readonly by: CosignerKey;
  /** What the witness's clock said. */
  readonly at: Date;
  readonly line: NoteSignature;
}

/**
 * Verifies the cosignatures of known witnesses over a checkpoint's text and ignores all other lines; of each witness the
 * first counts. It says nothing about the log's own signature: see `openCheckpoint`.
 * @throws NoteError `signature_invalid` for a known witness's bad one
 */
export function openCosignatures(
  text: string,
  lines: readonly NoteSignature[],
  known: readonly CosignerKey[],
): Cosignature[] {
  return known.flatMap((by) => {
    const line = lines.find(({ name, keyId }) => name === by.name && keyId === by.keyId);
    if (line === undefined) return [];
    const at = by.cosignedAt(text, line.signature);
    if (at === undefined)
      throw new NoteError('signature_invalid', `The cosignature of ${by.name} does not verify.`);
    return [{ by, at, line }];
  });
}
