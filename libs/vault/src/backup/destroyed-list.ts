import { NoteError, openNote, signNote, type NoteSigner, type VerifierKey } from '@castellan/signed-note';

/** `person/<id>` and the like: what was destroyed, as the keybroker remembers it. */
const NAME = /^[a-z]+\/[A-Za-z0-9_-]{1,200}$/;

/**
 * What was destroyed for good, in the words of the log's signer, to be kept outside of backups: who restores an older one hands it
 * in, and what was destroyed since stays destroyed. A signed note (C2SP signed-note v1). Its first line is the log's origin followed by
 * `/destroyed`, so that it can not be taken for a checkpoint nor a checkpoint for it; each further line names one thing.
 */
export function signDestroyedList(names: readonly string[], signer: NoteSigner): string {
  return signNote([`${signer.name}/destroyed`, ...names, ''].join('\n'), [signer]);
}

/** @throws NoteError when this log's signer has not signed it; `undefined` when it is a note of another kind */
export function openDestroyedList(note: string, vkey: VerifierKey): readonly string[] | undefined {
  const [first = '', ...names] = openNote(note, [vkey]).text.trimEnd().split('\n');
  if (first !== `${vkey.name}/destroyed`) return undefined;
  if (!names.every((name) => NAME.test(name)))
    throw new NoteError('note_malformed', 'The list of what was destroyed names something that cannot be.');
  return names;
}
