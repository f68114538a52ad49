import { Injectable } from '@nestjs/common';
import { AuditReader, systemClock } from '@castellan/audit';
import { EventClass, type ExpiryPreview, type RetentionDays } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { parseCheckpoint } from '../exports/parse-checkpoint.js';
import { expiryCandidates } from './expiry-candidates.js';
import { HoldStore } from './hold-store.js';
import { RetentionMinima } from './retention-minima.js';
import { RetentionPeriod } from './retention-period.js';
import { RetentionStore } from './retention-store.js';
import type { Scope } from './scope.js';

const WINDOW = 10_000;
/** One answer looks for so long. */
const PATIENCE_MS = 5_000;

type Counted = ExpiryPreview['classes'][number];

/** Counts what would expire now, by the same rule that lets it expire. */
@Injectable()
export class PreviewExpiry {
  constructor(
    private readonly database: Database,
    private readonly retention: RetentionStore,
    private readonly holds: HoldStore,
    private readonly minima: RetentionMinima,
    private readonly log: AuditReader,
  ) {}

  /** @param days instead of those that are set */
  async execute(scope: Scope, days?: RetentionDays): Promise<ExpiryPreview> {
    const { client } = this.database;
    const now = systemClock.now();
    const period = new RetentionPeriod(days ?? (await this.retention.days(scope)), this.minima.days, now);
    const rule = { period, holds: await this.holds.holding(client, scope) };
    const treeSize = parseCheckpoint((await this.log.signedLeaves(0n, 0)).checkpoint).size;
    const counts = new Map<EventClass, Counted>();
    let begin = 0;
    for (
      ;
      begin < Number(treeSize) && systemClock.now().getTime() - now.getTime() < PATIENCE_MS;
      begin += WINDOW
    )
      for (const candidate of await expiryCandidates(client, scope, { begin, end: begin + WINDOW }, rule))
        count(counts, candidate);
    const scanned = Math.min(begin, Number(treeSize));
    return { classes: [...counts.values()], scanned: String(scanned), treeSize: String(treeSize) };
  }
}

function count(
  counts: Map<EventClass, Counted>,
  candidate: { readonly class: EventClass; readonly occurredAt: Date; readonly held: boolean },
): void {
  const at = candidate.occurredAt.toISOString();
  const { expires = 0, held = 0, oldest = at, newest = at } = counts.get(candidate.class) ?? {};
  counts.set(candidate.class, {
    class: candidate.class,
    expires: expires + (candidate.held ? 0 : 1),
    held: held + (candidate.held ? 1 : 0),
    oldest: at < oldest ? at : oldest,
    newest: at > newest ? at : newest,
  });
}
