import { createHash, generateKeyPairSync } from 'node:crypto';
import { policyPayload } from '@castellan/approval-policy';
import { decisionOn } from '../../documents/decision-on.js';
import { signDocument } from '../../documents/sign-document.js';
import { insertDocument, removeDocuments, reviewOf, staysUnserved, type Attack } from './attack.js';

/** A newer policy that asks for nothing but the author's word, and the author's word. */
export async function policyIsInserted(attack: Attack): Promise<boolean> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const weak = policyPayload({
    ...{ organization: 'castellan', project: 'default', version: 99 },
    ...{ quorum: [{ role: 'author', count: 1 }], gates: {}, approvalMaxAgeDays: 3650 },
  });
  const review = await reviewOf(attack);
  const genuine = review.policyDigest;
  const policyDigest = createHash('sha256').update(weak).digest('hex');
  const said = {
    person: attack.target.author,
    reason: 'My own work is good.',
    days: 30,
    issuedAt: new Date(),
  };
  const approval = decisionOn({ ...review, policyDigest }, { decision: 'approve', ...said });
  const documents = [
    await insertDocument(attack, 'policy', signDocument(weak, privateKey)),
    await insertDocument(attack, 'approval', signDocument(approval, privateKey)),
  ];
  try {
    const unserved = await staysUnserved(attack);
    return unserved && (await reviewOf(attack)).policyDigest === genuine;
  } finally {
    await removeDocuments(attack, documents);
  }
}
