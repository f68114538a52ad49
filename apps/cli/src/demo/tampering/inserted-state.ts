import { generateKeyPairSync } from 'node:crypto';
import { decisionOn } from '../../documents/decision-on.js';
import { signDocument } from '../../documents/sign-document.js';
import { insertDocument, removeDocuments, reviewOf, staysUnserved, type Attack } from './attack.js';

/** "approved" and "ready" in every column that looks like it, and an approval under the reviewer's name by another key. */
export async function stateIsInserted(attack: Attack): Promise<boolean> {
  const { database, target, deployment, stage } = attack;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const said = { person: stage.cast.reviewer.name, reason: 'Trust me.', days: 30, issuedAt: new Date() };
  const payload = decisionOn(await reviewOf(attack), { decision: 'approve', ...said });
  const forged = await insertDocument(attack, 'approval', signDocument(payload, privateKey));
  await database.query(`UPDATE "Version" SET stage = 'approved' WHERE id = $1`, [target.id]);
  await database.query(
    `UPDATE "DeploymentStatus" SET phase = 'ready', reason = NULL, message = NULL
      WHERE "deploymentId" IN (SELECT id FROM "Deployment" WHERE name = $1)`,
    [deployment],
  );
  try {
    return await staysUnserved(attack);
  } finally {
    await database.query(`UPDATE "Version" SET stage = 'candidate' WHERE id = $1`, [target.id]);
    await removeDocuments(attack, [forged]);
  }
}
