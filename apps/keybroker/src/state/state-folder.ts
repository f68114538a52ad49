import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CastellanError } from '@castellan/errors';
import type { Kms } from '@castellan/kms';
import { KeybrokerError } from '../keybroker-error.js';
import { noKeys } from '../keys/key-memory.js';
import { SealedFile, syncFolder, UNFINISHED, writeDurably } from './sealed-file.js';

const STATE_KEY_CONTEXT = 'castellan/keybroker/state-key/v2';
/** Of folders without a memory of keys. */
const STATE_KEY_CONTEXT_V1 = 'castellan/keybroker/state-key/v1';

/**
 * The broker's four files: what never changes, what it honours, the last checkpoint that it signed, and which
 * key-encryption keys there are and no longer are.
 */
export interface State {
  readonly root: SealedFile;
  readonly documents: SealedFile;
  readonly checkpoint: SealedFile;
  readonly keys: SealedFile;
  /** Seals the files; other secrets of the broker's are derived from it under labels of their own. */
  readonly stateKey: KeyObject;
}

/** The texts with which they begin; the memory of keys begins empty. */
export type FirstState = { readonly [File in Exclude<keyof State, 'keys' | 'stateKey'>]: string };

/**
 * Opens `<folder>/state`, and makes it at the first start: all of it or, if the process dies, nothing.
 *
 * A folder that lost a file, or that another KMS sealed, is refused rather than filled up: a new root would be a new log
 * and new officers under the old name.
 *
 * @throws KeybrokerError `state_damaged`; whatever `first` and the KMS throw
 */
export async function openState(folder: string, kms: Kms, first: () => Promise<FirstState>): Promise<State> {
  const place = join(folder, 'state');
  if (!(await exists(place))) await createState(folder, place, kms, await first());
  await removeUnfinished(place);
  try {
    const state = filesIn(place, await openStateKey(place, kms));
    const { root, documents, checkpoint, keys } = state;
    await Promise.all([root, documents, checkpoint, keys].map((file) => file.read()));
    return state;
  } catch (cause) {
    if (cause instanceof CastellanError && cause.kind === 'unavailable') throw cause;
    throw new KeybrokerError({
      code: 'state_damaged',
      kind: 'internal',
      publicDetail: `The state in ${place} is incomplete, changed, or sealed by another key store.`,
      cause,
    });
  }
}

async function createState(folder: string, place: string, kms: Kms, first: FirstState): Promise<void> {
  const unfinished = `${place}${UNFINISHED}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const stateKey = randomBytes(32);
  const sealedKey = await kms.seal(stateKey, STATE_KEY_CONTEXT);
  await writeDurably(join(unfinished, 'state.key'), Readable.from([Buffer.from(sealedKey)]));
  const state = filesIn(unfinished, secretFrom(stateKey));
  await state.root.write(first.root);
  await state.documents.write(first.documents);
  await state.checkpoint.write(first.checkpoint);
  await state.keys.write(noKeys);
  await rename(unfinished, place);
  await syncFolder(folder);
}

/** What a crash left of a write that never took effect. */
async function removeUnfinished(place: string): Promise<void> {
  const names = await readdir(place);
  const unfinished = names.filter((name) => name.endsWith(UNFINISHED));
  await Promise.all(unfinished.map((name) => rm(join(place, name))));
}

async function openStateKey(place: string, kms: Kms): Promise<KeyObject> {
  const path = join(place, 'state.key');
  const sealed = await readFile(path);
  try {
    return secretFrom(await kms.unseal(sealed, STATE_KEY_CONTEXT));
  } catch (cause) {
    if (cause instanceof CastellanError && cause.kind === 'unavailable') throw cause;
    return addKeyMemory(place, kms, await kms.unseal(sealed, STATE_KEY_CONTEXT_V1));
  }
}

/**
 * Gives a folder from before the memory of keys an empty one. The state key is sealed anew under another context: so a
 * folder that lost the file is told from one that never had it.
 */
async function addKeyMemory(place: string, kms: Kms, stateKey: Uint8Array): Promise<KeyObject> {
  const path = join(place, 'state.key');
  await filesIn(place, createSecretKey(stateKey)).keys.write(noKeys);
  const sealed = await kms.seal(stateKey, STATE_KEY_CONTEXT);
  await writeDurably(`${path}${UNFINISHED}`, Readable.from([Buffer.from(sealed)]));
  await rename(`${path}${UNFINISHED}`, path);
  await syncFolder(place);
  return secretFrom(stateKey);
}

function filesIn(place: string, stateKey: KeyObject): State {
  return {
    root: new SealedFile(join(place, 'root.sealed'), stateKey),
    documents: new SealedFile(join(place, 'documents.sealed'), stateKey),
    checkpoint: new SealedFile(join(place, 'checkpoint.sealed'), stateKey),
    keys: new SealedFile(join(place, 'keys.sealed'), stateKey),
    stateKey,
  };
}

function secretFrom(bytes: Uint8Array): KeyObject {
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
