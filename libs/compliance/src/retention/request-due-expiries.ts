import { AuditReader, systemClock } from '@castellan/audit';
import { Database } from '@castellan/database';
import { JobQueue } from '@castellan/queue';
import { Injectable } from '@nestjs/common';
import { parseCheckpoint } from '../exports/parse-checkpoint.js';
import { expiryQueue } from './expiry-queue.js';
import { ExpiryRunStore } from './expiry-run-store.js';
import { RetentionStore } from './retention-store.js';

const DAY_MS = 86_400_000;

/** Begins the daily run of every scope in which something may expire, and asks again for runs that a death left undone. */
@Injectable()
export class RequestDueExpiries {
  constructor(
    private readonly database: Database,
    private readonly retention: RetentionStore,
    private readonly runs: ExpiryRunStore,
    private readonly log: AuditReader,
    private readonly queue: JobQueue,
  ) {}

  async execute(): Promise<void> {
    const yesterday = new Date(systemClock.now().getTime() - DAY_MS);
    for (const scope of await this.retention.setBefore(yesterday)) {
      const [latest] = await this.runs.latest(scope);
      if (latest === undefined || latest.createdAt < yesterday) await this.#start(scope);
    }
    for (const runId of await this.runs.lost()) await this.#enqueue(runId);
  }

  async #start(scope: string): Promise<void> {
    const { checkpoint } = await this.log.signedLeaves(0n, 0);
    const treeSize = BigInt(parseCheckpoint(checkpoint).size);
    const run = await this.database.transaction((tx) =>
      this.runs.start(tx, scope, { requestedBy: 'jobs', treeSize }),
    );
    if (run !== undefined) await this.#enqueue(run.id);
  }

  #enqueue(runId: string): Promise<void> {
    return this.queue.enqueue(expiryQueue, { runId }, { once: runId });
  }
}
