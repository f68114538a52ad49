import { leafHash } from '@castellan/merkle-log';
import { secondsOf } from '../measure.js';
import type { BenchLog } from './bench-log.js';

const MOST = 200_000;

/**
 * What this machine can do at best, to hold the log against: leaves a second that PostgreSQL copies into a table with one
 * index, and SHA-256 hashes of leaves a second on one thread.
 */
export async function physicalLimits(
  log: BenchLog,
): Promise<{ copyPerSecond: number; hashPerSecond: number }> {
  const { client } = log.database;
  const rows = await client.auditEntry.findMany({ take: 20_000, select: { event: true } });
  const texts = rows.map(({ event }) => Buffer.from(event));
  const hashing = await secondsOf(async () => texts.forEach((text) => leafHash(text)));
  const copied = Math.min(MOST, await log.size());
  // Relative to the server's data folder, where it may write.
  await client.$executeRawUnsafe(
    `COPY (SELECT * FROM "AuditEntry" LIMIT ${copied}) TO PROGRAM 'cat > bench.copy'`,
  );
  await client.$executeRaw`CREATE TABLE "BenchCopy" (LIKE "AuditEntry", PRIMARY KEY (index))`;
  const copying = await secondsOf(() => client.$executeRaw`COPY "BenchCopy" FROM PROGRAM 'cat bench.copy'`);
  console.error(
    `limits: COPY ${Math.round(copied / copying)}/s, SHA-256 ${Math.round(texts.length / hashing)}/s`,
  );
  return { copyPerSecond: copied / copying, hashPerSecond: texts.length / hashing };
}
