import type { EventSubject } from '@castellan/audit';
import type { AlarmEvidence } from '@castellan/contracts';
import type { Tx } from '@castellan/database';
import type { Finding } from './detector/detector.js';

/**
 * Evidence as it may lie about: name and network of a person go apart, to be sealed into the leaf under the person's key.
 * Somebody who has none, from before there were keys, is named as before.
 */
export async function withoutPersonal(
  tx: Pick<Tx, 'personKey'>,
  { evidence, personId }: Finding,
): Promise<{ evidence: AlarmEvidence; subject?: EventSubject }> {
  if (personId === undefined) return { evidence };
  const key = await tx.personKey.findUnique({ where: { personId }, select: { publicKey: true } });
  if (key === null) return { evidence };
  const { name, about, ...subject } = evidence.subject;
  const isNetwork = evidence.rule === 'new_source';
  const personal = { ...(name && { name }), ...(isNetwork && about && { about }) };
  return {
    evidence: { ...evidence, subject: { ...subject, ...(isNetwork || !about ? {} : { about }) } },
    subject: { id: personId, sealTo: key.publicKey, personal },
  };
}
