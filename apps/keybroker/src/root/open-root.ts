import { readFile } from 'node:fs/promises';
import type { Clock } from '@castellan/audit';
import type { Kms } from '@castellan/kms';
import { noCheckpoint } from '../checkpoint/sealed-checkpoint-memory.js';
import { KeybrokerError } from '../keybroker-error.js';
import { openState, type State } from '../state/state-folder.js';
import { noDocuments } from '../trust/honoured-documents.js';
import { readOfficers, type Officer } from './pinned-officers.js';
import { createRoot, readRoot, type Root } from './root.js';

/**
 * Opens the broker's folder. At the first start, and only then, the officers' file is read and its keys are pinned.
 *
 * @throws KeybrokerError `officers_missing`, `officers_malformed`, `state_damaged`
 */
export async function openRoot(
  folder: string,
  kms: Kms,
  officersFile: string | undefined,
  clock: Clock,
): Promise<{ readonly root: Root; readonly state: State }> {
  const state = await openState(folder, kms, async () => ({
    root: await createRoot(await foundingOfficers(officersFile), clock.now()),
    documents: noDocuments,
    checkpoint: noCheckpoint,
  }));
  return { root: readRoot(await state.root.read()), state };
}

async function foundingOfficers(file: string | undefined): Promise<readonly Officer[]> {
  if (file === undefined) throw officersMissing('OFFICERS_FILE is not set.');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw officersMissing('OFFICERS_FILE can not be read.', cause);
  });
  return readOfficers(text);
}

function officersMissing(reason: string, cause?: unknown): KeybrokerError {
  return new KeybrokerError({
    code: 'officers_missing',
    kind: 'invalid',
    publicDetail: `The first start needs the public keys of the security officers. ${reason}`,
    cause,
  });
}
