import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@castellan/database';
import { proveConsistency } from '@castellan/merkle-log';
import { formatNote, openCosignatures, parseNote, type Cosignature } from '@castellan/signed-note';
import { AuditError } from '../audit-error.js';
import { PrismaLogStore, type StoredCheckpoint } from '../prisma-log-store.js';
import { addCheckpoint } from './add-checkpoint.js';
import type { Witness } from './witness.js';

export interface WitnessingOptions {
  /** Pause between two rounds, in milliseconds. Default 1,000. */
  readonly intervalMs?: number;
  /** How long a witness may take for an answer, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Told why a witness did not cosign. Rounds go on. */
  readonly onFailure?: (error: unknown, witness: Witness) => void;
}

/**
 * Has the last checkpoint cosigned by witnesses and keeps it with their lines. It runs beside the sequencer and never holds
 * it up: a witness that is down or slow costs cosignatures, not the platform.
 *
 * A witness remembers what it saw, so a log that is set back or forked gets no cosignature any more, whoever holds its key.
 */
export class Witnessing {
  readonly #options: Required<WitnessingOptions>;
  readonly #store: PrismaLogStore;
  /** The size at which each witness, by its key, is taken to know the log. */
  readonly #known = new Map<string, number>();

  constructor(
    database: Database,
    private readonly witnesses: readonly Witness[],
    options: WitnessingOptions = {},
  ) {
    this.#options = { intervalMs: 1_000, timeoutMs: 10_000, onFailure: () => undefined, ...options };
    this.#store = new PrismaLogStore(database.client);
  }

  /** Resolves when `signal` aborts; at once when there are no witnesses. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.witnesses.length > 0) {
      await this.round().catch((error: unknown) => {
        for (const witness of this.witnesses) this.#options.onFailure(error, witness);
      });
      await sleep(this.#options.intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One round. Resolves with how many witnesses have cosigned the last checkpoint. */
  async round(): Promise<number> {
    const last = await this.#store.lastCheckpoint();
    if (last === undefined) return 0;
    const { text, signatures } = parseNote(
      (await this.#store.witnessedCheckpoint(last.size))?.note ?? last.note,
    );
    const keys = this.witnesses.map(({ key }) => key);
    const had = new Set(openCosignatures(text, signatures, keys).map(({ by }) => by));
    const missing = this.witnesses.filter(({ key }) => !had.has(key));
    const gained = (await Promise.all(missing.map((witness) => this.#ask(witness, last)))).flat();
    if (gained.length > 0) {
      const note = formatNote({ text, signatures: [...signatures, ...gained.map(({ line }) => line)] });
      await this.#store.saveWitnessedCheckpoint({ size: last.size, note });
    }
    return had.size + gained.length;
  }

  async #ask(witness: Witness, last: StoredCheckpoint): Promise<Cosignature[]> {
    try {
      return await this.#cosignature(witness, last);
    } catch (error) {
      this.#options.onFailure(error, witness);
      return [];
    }
  }

  async #cosignature(witness: Witness, last: StoredCheckpoint): Promise<Cosignature[]> {
    const id = witness.key.toString();
    const size = Number(last.size);
    const first = await this.#submit(witness, this.#known.get(id) ?? 0, last);
    const answer =
      'knownSize' in first && first.knownSize <= size
        ? await this.#submit(witness, first.knownSize, last)
        : first;
    if (!('knownSize' in answer)) {
      this.#known.set(id, size);
      return [answer];
    }
    this.#known.set(id, answer.knownSize);
    await this.#requireNoMoreThanStored(witness, answer.knownSize);
    return [];
  }

  async #submit(witness: Witness, oldSize: number, { size, note }: StoredCheckpoint) {
    const from = Math.min(oldSize, Number(size));
    const proof = await proveConsistency(from, Number(size), this.#store.readTile);
    return addCheckpoint(
      witness,
      { oldSize: from, proof, note },
      AbortSignal.timeout(this.#options.timeoutMs),
    );
  }

  /** Another process may have had a later checkpoint cosigned meanwhile; it has then stored it as well. */
  async #requireNoMoreThanStored({ key }: Witness, knownSize: number): Promise<void> {
    const size = (await this.#store.lastCheckpoint())?.size ?? 0n;
    if (BigInt(knownSize) <= size) return;
    throw new AuditError('witness_ahead', {
      kind: 'conflict',
      publicDetail: `${key.name} has seen ${knownSize} leaves of this log, and only ${size} are stored: it was set back.`,
    });
  }
}
