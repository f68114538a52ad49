import { generateKeyPairSync } from 'node:crypto';
import { certificateFor } from '../../documents/certificate-for.js';
import { decisionOn } from '../../documents/decision-on.js';
import { signDocument } from '../../documents/sign-document.js';
import { publicPart } from '../../keys/key-file.js';
import {
  insertDocument,
  insertPerson,
  removeDocuments,
  removePerson,
  reviewOf,
  staysUnserved,
  type Attack,
} from './attack.js';

/** A reviewer out of nothing: account, role, a certificate by an officer of the attacker's own, and her approval. */
export async function reviewerIsInserted(attack: Attack): Promise<boolean> {
  const officer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const reviewer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const person = 'eve';
  const request = { format: 'castellan.key-request/v1', organization: 'castellan', person } as const;
  const scope = { projects: ['*'], roles: ['reviewer'], from: new Date(), days: 365 };
  const certificate = certificateFor({ ...request, ...publicPart(reviewer) }, scope);
  const said = { person, reason: 'Looks fine.', days: 30, issuedAt: new Date() };
  const approval = decisionOn(await reviewOf(attack), { decision: 'approve', ...said });
  const account = await insertPerson(attack, person, 'reviewer');
  const documents = [
    await insertDocument(attack, 'reviewer-certificate', signDocument(certificate, officer)),
    await insertDocument(attack, 'approval', signDocument(approval, reviewer)),
  ];
  try {
    return await staysUnserved(attack);
  } finally {
    await removeDocuments(attack, documents);
    await removePerson(attack, account);
  }
}
