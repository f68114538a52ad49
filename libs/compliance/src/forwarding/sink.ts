import type { LeafToWrite } from '../exports/formats/row-format.js';

export interface Batch {
  readonly targetId: string;
  readonly leaves: readonly LeafToWrite[];
  /** Leaves `begin` (included) to `end` (excluded), of which `leaves` are those that concern the target. */
  readonly begin: bigint;
  readonly end: bigint;
  readonly signal: AbortSignal;
}

/**
 * Hands events to one target. Resolves with a word about how it went once the target has taken all of them, and rejects
 * otherwise; a target may then have some of them and will be given them again.
 *
 * It must give up when `signal` aborts: a target that hangs holds up nobody but itself.
 */
export interface Sink {
  send(batch: Batch): Promise<string>;
}
