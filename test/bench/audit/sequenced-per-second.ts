import { secondsOf } from '../measure.js';
import { PrismaLogStore } from '../../../libs/audit/src/prisma-log-store.js';
import { leafText } from '../../../libs/audit/src/audit-event.js';
import { EventIds } from '../../../libs/audit/src/event-id.js';
import { benchEvent, type BenchLog } from './bench-log.js';

const BATCH = 5_000;

/** Fills the outbox until the log will have `leaves`, then has one sequencer make signed leaves of all of it. */
export async function sequencedPerSecond(log: BenchLog, leaves: number): Promise<number> {
  const waiting = Math.max(leaves - (await log.size()), BATCH);
  console.error(`sequencer: ${waiting} events into the outbox`);
  const store = new PrismaLogStore(log.database.client);
  const ids = new EventIds();
  for (let n = 0; n < waiting; n += BATCH) {
    const now = new Date();
    const events = Array.from({ length: Math.min(BATCH, waiting - n) }, (_, i) => {
      const id = ids.next(now);
      return { id, event: leafText(benchEvent(n + i), id, now) };
    });
    await store.enqueue(events);
  }
  await log.database.client.$executeRawUnsafe('VACUUM ANALYZE "AuditOutbox"');
  console.error('sequencer: at it');
  const sequencer = log.sequencer();
  const seconds = await secondsOf(async () => {
    while ((await sequencer.round()) > 0);
  });
  console.error(`sequencer: ${Math.round(waiting / seconds)}/s`);
  return waiting / seconds;
}
