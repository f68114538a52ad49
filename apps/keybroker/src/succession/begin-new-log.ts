import { AuditLog, closeStoredLog, renewPermits, systemClock, type Clock } from '@castellan/audit';
import type { Database } from '@castellan/database';
import { openCheckpoint, parseCheckpoint, parseNote } from '@castellan/signed-note';
import { openDestroyedList } from '@castellan/vault';
import { noCheckpoint } from '../checkpoint/sealed-checkpoint-memory.js';
import { KeyMemory } from '../keys/key-memory.js';
import { keybrokerEvents } from '../keybroker-events.js';
import { readRoot, withNewLog, type Root } from '../root/root.js';
import type { State } from '../state/state-folder.js';

/** What came of it, for the person who decided it. */
export interface Succession {
  /** Verifier key of the log that was closed. */
  readonly closed: string;
  /** Verifier key of the log that was begun: to be given to everybody who verifies or monitors. */
  readonly begun: string;
  /** The last checkpoint that the closed log signed; keep it. */
  readonly lastCheckpoint?: string;
  /** Leaves that the database still had: the first ones of the new log, in their order. */
  readonly leaves: number;
  /** Leaves that are known to have been signed and are gone. */
  readonly lost: number;
  /** Privacy ledgers that answer nothing until somebody has said what was spent since. */
  readonly heldLedgers: number;
  /** Things that the state held as undestroyed and that were destroyed, by the lists that were handed in. */
  readonly destroyed: number;
}

export interface SuccessionTerms {
  readonly reason: string;
  /**
   * Checkpoints of the log, and its lists of what was destroyed, that were kept elsewhere: the broker's own may have come
   * from a backup with everything else.
   */
  readonly held?: readonly string[];
}

/**
 * Closes the log and begins another over what the database holds: the way on after a restore, a person's decision. The new
 * log has a name and a key of its own, its first leaves are those that are left, and then it says what it succeeds, how many
 * leaves are lost, and why; what had expired is permitted again by its key. Whoever follows the closed log is alarmed, and rightly.
 * What was lost may have been answers from protected tables, so every privacy ledger is held until its steward has said what
 * was spent. What the lists say was destroyed is remembered as destroyed, before anything else is done.
 *
 * Nothing else may run over this state and this database. Dying between any two steps leaves a platform that still refuses
 * to sign; doing it again finishes it (and leaves a second such event).
 * @throws NoteError when a held checkpoint or list is not one of this log's
 */
export async function beginNewLog(
  state: State,
  database: Database,
  { reason, held = [] }: SuccessionTerms,
  clock: Clock = systemClock,
): Promise<Succession> {
  const before = await state.root.read();
  const own = await state.checkpoint.read();
  const { checkpoints, names } = sorted(readRoot(before), held);
  const lastCheckpoint = newest(readRoot(before), own === noCheckpoint ? checkpoints : [own, ...checkpoints]);
  const destroyed = await rememberDestroyed(state, names);
  const closed = {
    closedAt: clock.now().toISOString(),
    reason,
    ...(lastCheckpoint === undefined ? {} : { lastCheckpoint }),
  };
  const { text, root } = withNewLog(before, closed);
  const signed = sizeOf(lastCheckpoint);
  const succession = await database.transaction(async (tx) => {
    const leaves = await closeStoredLog(tx);
    const { count: heldLedgers } = await tx.privacyBudget.updateMany({ data: { restoredAt: clock.now() } });
    const facts = {
      closed: root.closedLogs.at(-1)?.vkey ?? '',
      begun: root.logSigner.verifierKey.toString(),
      ...(lastCheckpoint === undefined ? {} : { lastCheckpoint }),
      leaves,
      lost: Math.max(0, signed - leaves),
      heldLedgers,
      destroyed,
    };
    const actor = { kind: 'process', name: 'keybroker' } as const;
    const audit = new AuditLog(database, clock);
    await audit.append(
      tx,
      keybrokerEvents.event('log.succeeded', { actor, decision: 'allow', reason, details: facts }),
    );
    const identity = { origin: facts.closed.split('+')[0] ?? '', vkey: facts.closed };
    const renewed = await renewPermits(tx, identity, root.logSigner, { leaves, at: clock.now() });
    for (const event of renewed) await audit.append(tx, event);
    return facts;
  });
  await state.root.write(text);
  await state.checkpoint.write(noCheckpoint);
  return succession;
}

/** Lists apart from checkpoints. @throws NoteError for a list, or a note of any kind, that this log's key has not signed */
function sorted({ logSigner }: Root, held: readonly string[]): { checkpoints: string[]; names: string[] } {
  const lists = held.map((note) => openDestroyedList(note, logSigner.verifierKey));
  return {
    checkpoints: held.filter((_, i) => lists[i] === undefined),
    names: lists.flatMap((list) => list ?? []),
  };
}

/** @returns how many of them were not remembered */
async function rememberDestroyed(state: State, names: readonly string[]): Promise<number> {
  const memory = await KeyMemory.open(state.keys);
  const known = memory.shredded.length;
  await memory.remember(names);
  return memory.shredded.length - known;
}

/** The one of the most leaves. @throws NoteError for one that this log has not signed */
function newest({ logSigner }: Root, notes: readonly string[]): string | undefined {
  for (const note of notes) openCheckpoint(note, logSigner.name, [logSigner.verifierKey]);
  return [...notes].sort((a, b) => sizeOf(b) - sizeOf(a))[0];
}

function sizeOf(note: string | undefined): number {
  return note === undefined ? 0 : parseCheckpoint(parseNote(note).text).size;
}
