import { randomUUID } from 'node:crypto';
import type { EraseRows } from '@castellan/access';
import { PLATFORM } from './retention/scope.js';

/** Who asked for exports, set retention and holds, and looked into alarms; and alarms about the person. */
export const eraseComplianceRows: EraseRows = async (tx, { id, organizationId, name, pseudonym }) => {
  await tx.auditExport.updateMany({ where: { requestedById: id }, data: { requestedBy: pseudonym } });
  // From before manifests named people by id: such an archive can be had no more.
  await tx.auditExport.updateMany({
    where: { requestedById: id, manifest: { contains: JSON.stringify(name) } },
    data: { manifest: null, sums: null, signature: null, state: 'failed', failure: 'erased' },
  });
  await tx.retentionPolicy.updateMany({ where: { setById: id }, data: { setBy: pseudonym } });
  await tx.legalHold.updateMany({ where: { setById: id }, data: { setBy: pseudonym } });
  await tx.legalHold.updateMany({ where: { liftAskedById: id }, data: { liftAskedBy: pseudonym } });
  await tx.legalHold.updateMany({ where: { liftedById: id }, data: { liftedBy: pseudonym } });
  await tx.expiryRun.updateMany({
    where: { organizationId: { in: [organizationId, PLATFORM] }, requestedBy: name },
    data: { requestedBy: pseudonym },
  });
  await tx.alarm.updateMany({
    where: { organizationId, acknowledgedBy: name },
    data: { acknowledgedBy: pseudonym },
  });
  // By hand, because evidence is JSON: name and network of the subject, and the digest that a network could be guessed by.
  await tx.$executeRaw`
    UPDATE "Alarm" SET "subjectKey" = ${`erased ${randomUUID()} `} || id,
                       evidence = evidence #- '{subject,name}' #- '{subject,about}'
    WHERE "organizationId" = ${organizationId}
      AND (evidence->'subject'->>'id' = ${id} OR evidence->'subject'->>'name' = ${name})`;
  // What watching has learnt holds the person's networks: it is learnt again from the leaves, which no longer tell.
  await tx.watchPosition.updateMany({ data: { state: null, stateAt: 0n } });
};
