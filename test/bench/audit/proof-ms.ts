import { median, secondsOf } from '../measure.js';
import type { BenchLog } from './bench-log.js';

const PROOFS = 500;

/** The median time of an inclusion proof by event id, at the log's full size. */
export async function proofMs(log: BenchLog): Promise<number> {
  const size = await log.size();
  const times: number[] = [];
  for (let n = 0; n < PROOFS; n++) {
    const index = BigInt(Math.floor((size * ((n * 7_919) % PROOFS)) / PROOFS));
    const row = await log.database.client.auditEntry.findUnique({
      where: { index },
      select: { eventId: true },
    });
    times.push(await secondsOf(() => log.reader.inclusionProof(row?.eventId ?? '')));
  }
  console.error(`proof: median ${(median(times) * 1_000).toFixed(2)} ms`);
  return median(times) * 1_000;
}
