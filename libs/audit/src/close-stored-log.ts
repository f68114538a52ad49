import type { Tx } from '@castellan/database';
import { forkDetected } from './audit-error.js';
import { PrismaLogStore } from './prisma-log-store.js';

/**
 * Forgets what the stored log's signer said of it, and keeps the leaves: the next sequencer makes another log of them. Part
 * of a succession that a person decided (`castellan audit new-log`); nothing else may call it.
 * @returns the leaves that are kept
 * @throws AuditError `audit_fork_detected` when a sequencer is at work
 */
export async function closeStoredLog(tx: Tx): Promise<number> {
  const store = new PrismaLogStore(tx);
  if (!(await store.tryLead())) throw forkDetected('A sequencer is at work: stop the platform first.');
  await tx.auditCheckpoint.deleteMany();
  await tx.auditWitnessedCheckpoint.deleteMany();
  await tx.auditTimestamp.deleteMany();
  await tx.auditTile.deleteMany();
  return store.size();
}
