import { CastellanError } from '@castellan/errors';
import { emptyRoot, verifyConsistency } from '@castellan/merkle-log';
import {
  openCheckpoint,
  parseCheckpoint,
  signNote,
  type Checkpoint,
  type NoteSigner,
} from '@castellan/signed-note';
import { AuditError } from './audit-error.js';
import { CheckpointSigner, type CheckpointRequest } from './checkpoint-signer.js';

/** Where the authority keeps its last note. `save` returns only when the note survives a crash. */
export abstract class CheckpointMemory {
  abstract load(): Promise<string | undefined>;
  abstract save(note: string): Promise<void>;
}

/**
 * The rule of signing, for the process that holds the key: each checkpoint grows from the last one it signed.
 * The log's origin is the signer's name.
 */
export class CheckpointAuthority extends CheckpointSigner {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly signer: NoteSigner,
    private readonly memory: CheckpointMemory,
  ) {
    super();
  }

  sign(request: CheckpointRequest): Promise<string> {
    const signed = this.#turn.then(() => this.#sign(request));
    this.#turn = signed.catch(() => undefined);
    return signed;
  }

  last(): Promise<string | undefined> {
    return this.memory.load();
  }

  async #sign({ oldSize, proof, checkpoint }: CheckpointRequest): Promise<string> {
    const lastNote = await this.memory.load();
    const last = this.#open(lastNote);
    const next = this.#read(checkpoint);
    if (oldSize !== last.size) throw conflict(lastNote);
    if (lastNote !== undefined && next.size === last.size && Buffer.compare(next.root, last.root) === 0)
      return lastNote;
    requireGrowth(last, next, proof);
    const note = signNote(checkpoint, [this.signer]);
    await this.memory.save(note);
    return note;
  }

  #open(note: string | undefined): Pick<Checkpoint, 'size' | 'root'> {
    if (note === undefined) return { size: 0, root: emptyRoot() };
    return openCheckpoint(note, this.signer.name, [this.signer.verifierKey]);
  }

  #read(text: string): Checkpoint {
    const checkpoint = parsed(text);
    if (checkpoint.origin !== this.signer.name) throw refused('It is of another log.');
    if (checkpoint.extensions.length > 0) throw refused('It has extension lines.');
    return checkpoint;
  }
}

function parsed(text: string): Checkpoint {
  try {
    return parseCheckpoint(text);
  } catch (cause) {
    throw refused('It is malformed.', cause);
  }
}

function requireGrowth(
  last: Pick<Checkpoint, 'size' | 'root'>,
  next: Pick<Checkpoint, 'size' | 'root'>,
  proof: readonly Uint8Array[],
): void {
  try {
    verifyConsistency(
      { oldSize: last.size, oldRoot: last.root, newSize: next.size, newRoot: next.root },
      proof,
    );
  } catch (cause) {
    if (cause instanceof CastellanError) throw refused(cause.publicDetail, cause);
    throw cause;
  }
}

function conflict(last: string | undefined): AuditError {
  return new AuditError('checkpoint_conflict', {
    kind: 'conflict',
    publicDetail: 'Another checkpoint was signed meanwhile.',
    ...(last === undefined ? {} : { meta: { last } }),
  });
}

function refused(reason: string, cause?: unknown): AuditError {
  return new AuditError('checkpoint_refused', {
    kind: 'conflict',
    publicDetail: `The checkpoint does not continue the log. ${reason}`,
    cause,
  });
}
