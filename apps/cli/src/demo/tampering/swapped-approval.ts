import type { Version } from '@castellan/contracts';
import type { Attack } from './attack.js';

/**
 * The target is approved, properly, and served. Then the row of its approval gets the contents of another version's: the
 * next time the worker asks to keep its key, it may not.
 */
export async function approvalIsSwapped(attack: Attack, other: Version): Promise<boolean> {
  const { stage, target, database, deployment, input } = attack;
  const digest = await stage.approve(target, 'A throw-away version for the tour.');
  await stage.untilPhase(deployment, ['ready']);
  const { rows } = await database.query<{ envelope: string }>(
    'SELECT envelope FROM "TrustDocument" WHERE digest = $1',
    [digest],
  );
  const genuine = rows[0]?.envelope;
  await database.query(
    `UPDATE "TrustDocument" SET envelope =
       (SELECT envelope FROM "TrustDocument" WHERE kind = 'approval' AND subject = $2 LIMIT 1) WHERE digest = $1`,
    [digest, other.digest],
  );
  try {
    await stage.until('the gateway refuses the swapped approval', async () => {
      const refusal = await stage.refusalOf(deployment, input);
      return refusal?.code === 'not_approved' ? refusal : undefined;
    });
    return true;
  } finally {
    await database.query('UPDATE "TrustDocument" SET envelope = $2 WHERE digest = $1', [digest, genuine]);
  }
}
