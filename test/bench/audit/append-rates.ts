import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Tx } from '@castellan/database';
import { median } from '../measure.js';
import { benchEvent, type BenchLog } from './bench-log.js';

export interface AppendOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly clients: number;
}

/** Every so many appends one waits for its place in the signed log. */
const SAMPLE = 50;

/**
 * Transactions a second of `clients` at once: one insert, and one insert with its event, in turn. The sequencer runs in a
 * process of its own all the time, as it does in production.
 */
export async function appendRates(log: BenchLog, { rounds, seconds, clients }: AppendOptions) {
  await log.database.client
    .$executeRaw`CREATE TABLE "BenchChange" (id serial PRIMARY KEY, what text NOT NULL)`;
  const child = fork(fileURLToPath(new URL('./sequencer-process.ts', import.meta.url)), [
    log.url,
    log.signer.exportSecret(),
    log.memoryFile,
  ]);
  await once(child, 'message');
  const plain: number[] = [];
  const audited: number[] = [];
  const lags: number[] = [];
  let count = 0;
  const change = (tx: Tx) => tx.$executeRaw`INSERT INTO "BenchChange" (what) VALUES (${`change ${count++}`})`;
  try {
    for (let round = 0; round <= rounds; round++) {
      console.error(round === 0 ? 'appends: warming up' : `appends: round ${round} of ${rounds}`);
      const plainRate = await rate(clients, seconds, () => log.database.transaction(change));
      const waiting: Promise<unknown>[] = [];
      const roundLags: number[] = [];
      const auditedRate = await rate(clients, seconds, async () => {
        const eventId = await log.database.transaction(async (tx) => {
          await change(tx);
          return log.log.append(tx, benchEvent(count));
        });
        if (count % SAMPLE !== 0) return;
        const from = performance.now();
        waiting.push(
          log.log
            .sequenced(eventId, { timeoutMs: 60_000 })
            .then(() => roundLags.push(performance.now() - from)),
        );
      });
      await Promise.all(waiting);
      // The first round warms the caches up.
      if (round === 0) continue;
      plain.push(plainRate);
      audited.push(auditedRate);
      lags.push(...roundLags);
      console.error(
        `  plain ${Math.round(plainRate)}/s, audited ${Math.round(auditedRate)}/s, lag p99 ${Math.round(percentile(roundLags, 0.99))} ms`,
      );
    }
  } finally {
    child.send('stop');
    await once(child, 'exit');
  }
  return {
    plainInsertPerSecond: median(plain),
    appendPerSecond: median(audited),
    lagMsP99: percentile(lags, 0.99),
  };
}

async function rate(clients: number, seconds: number, work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  const until = from + seconds * 1_000;
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return (done / (performance.now() - from)) * 1_000;
}

export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (at === undefined) throw new Error('a percentile of nothing');
  return at;
}
