import { emptyRoot, type TreeHead } from '@castellan/merkle-log';
import { openCheckpoint, VerifierKey } from '@castellan/signed-note';

/** What a reader must have been given from outside to believe the log. */
export interface LogIdentity {
  /** The first line of every checkpoint. */
  readonly origin: string;
  /** The log's verifier key: `name+hash+base64`. */
  readonly vkey: string;
}

/** The tree head that the log has signed; no note stands for the empty log. @throws NoteError */
export function openTreeHead(note: string | undefined, { origin, vkey }: LogIdentity): TreeHead {
  if (note === undefined) return { size: 0, root: emptyRoot() };
  const { size, root } = openCheckpoint(note, origin, [VerifierKey.parse(vkey)]);
  return { size, root };
}
