/** What the sequencer asks to have signed. */
export interface CheckpointRequest {
  /** The size of the last checkpoint that the sequencer knows the signer to have signed; 0 for none. */
  readonly oldSize: number;
  /** Consistency proof from `oldSize` to the checkpoint. */
  readonly proof: readonly Uint8Array[];
  /** The text of the checkpoint: origin, size, root. */
  readonly checkpoint: string;
}

/**
 * Whoever holds the log's key, outside the database's reach: in Castellan the keybroker.
 *
 * Promise: it never signs two checkpoints that are inconsistent. It remembers its last one durably *before* it answers,
 * signs only with a consistency proof from that one, and takes one request at a time (compare and swap on `oldSize`).
 * Its memory is never restored from a backup of the database; that is what keeps a restored database from forking the log.
 *
 * Errors: `checkpoint_conflict` (kind conflict, `meta.last` its last note) when `oldSize` is not its own;
 * `checkpoint_refused` when the proof does not hold; kind unavailable when it cannot be reached. The caller retries.
 */
export abstract class CheckpointSigner {
  /** The signed note. Signing what is already its last checkpoint again gives the same note. */
  abstract sign(request: CheckpointRequest): Promise<string>;
  /** The last note, or `undefined` if it never signed. */
  abstract last(): Promise<string | undefined>;
}
