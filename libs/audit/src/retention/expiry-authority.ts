import type { Database } from '@castellan/database';
import { equalHashes, TILE_WIDTH } from '@castellan/merkle-log';
import type { NoteSigner } from '@castellan/signed-note';
import { AuditError } from '../audit-error.js';
import type { CheckpointMemory } from '../checkpoint-authority.js';
import { hashText } from '../entry-row.js';
import type { Clock } from '../event-id.js';
import { openTreeHead } from '../log-identity.js';
import { PrismaLogStore } from '../prisma-log-store.js';
import { readRecordedEvent } from '../recorded-event.js';
import { SignedTiles } from '../signed-tiles.js';
import { eventClassOf, type Minima } from './event-class.js';
import { MAX_PERMIT_RANGES, signPermit } from './expiry-permit.js';
import { type IndexRange, indexesOf, parseRanges } from './index-ranges.js';

const DAY_MS = 86_400_000;

/**
 * The rule of expiry, for the process that holds the log's key: a payload may go only when its leaf is signed history, is
 * what was signed, and says of itself that it is older than its class must be kept. So whoever can write to the database
 * gets no verifier to accept that a younger payload is gone.
 *
 * It does not know of holds, nor of longer periods that an organization has set: those who ask for a permit do.
 */
export class ExpiryAuthority {
  constructor(
    private readonly database: Database,
    private readonly signer: NoteSigner,
    private readonly memory: CheckpointMemory,
    private readonly minima: Minima,
    private readonly clock: Clock,
  ) {}

  /**
   * @param leaves as `formatRanges` writes them
   * @returns the permit, to be put into the event that lets these payloads go
   * @throws AuditError `expiry_refused`
   */
  async permit(leaves: string): Promise<string> {
    const ranges = parseRanges(leaves);
    if (ranges === undefined) throw refused('Leaves are named as ranges that rise, such as 0-99,101.');
    if (ranges.length > MAX_PERMIT_RANGES) throw refused(`A permit has at most ${MAX_PERMIT_RANGES} ranges.`);
    const identity = { origin: this.signer.name, vkey: this.signer.verifierKey.toString() };
    const head = openTreeHead(await this.memory.load(), identity);
    // Before the ranges are gone through: they may name more leaves than any memory holds.
    const end = ranges.at(-1)?.end ?? 0;
    if (end > head.size) throw refused(`Leaf ${end - 1} is not signed yet.`);
    const store = new PrismaLogStore(this.database.client);
    const tiles = new SignedTiles(head, store.readTile);
    for (const [block, indexes] of blocksOf(ranges)) {
      const last = indexes.at(-1) ?? 0;
      const { hashes } = await tiles.tile(0, block);
      const rows = await store.rows(indexes[0] ?? 0, last + 1);
      const texts = new Map(rows.map(({ index, event }) => [Number(index), event]));
      for (const index of indexes) {
        const [text = '', signed] = [texts.get(index), hashes?.[index % TILE_WIDTH]];
        if (signed === undefined || !equalHashes(hashText(text), signed))
          throw refused(`Leaf ${index} is not what was signed.`);
        this.#requireOld(index, text);
      }
    }
    return signPermit(ranges, this.clock.now(), this.signer);
  }

  #requireOld(index: number, text: string): void {
    const event = readRecordedEvent(text);
    const kind = event && eventClassOf(event.action);
    if (event === undefined || kind === undefined) throw refused(`Leaf ${index} never expires.`);
    const days = this.minima[kind];
    const mayGoAt = new Date(event.time).getTime() + days * DAY_MS;
    if (!(mayGoAt <= this.clock.now().getTime()))
      throw refused(`Leaf ${index}, of ${event.time}, must be kept for ${days} days.`);
  }
}

function blocksOf(ranges: readonly IndexRange[]): Map<number, number[]> {
  return Map.groupBy(indexesOf(ranges), (index) => Math.floor(index / TILE_WIDTH));
}

function refused(publicDetail: string): AuditError {
  return new AuditError('expiry_refused', { kind: 'conflict', publicDetail });
}
