import pg from 'pg';
import type { Version } from '@castellan/contracts';
import { digitsExpectations, fixtures } from './fixtures.js';
import type { Published } from './act-publish.js';
import type { Stage } from './stage.js';
import { approvalIsSwapped } from './tampering/swapped-approval.js';
import { auditRowIsEdited } from './tampering/edited-audit-row.js';
import { blobIsFlipped } from './tampering/flipped-blob.js';
import { stateIsInserted } from './tampering/inserted-state.js';
import { reviewerIsInserted } from './tampering/inserted-reviewer.js';
import { policyIsInserted } from './tampering/inserted-policy.js';
import type { Attack } from './tampering/attack.js';

export interface TamperOutcome {
  readonly auditRow: boolean;
  readonly approval: boolean;
  readonly blob: boolean;
  readonly databaseApproval: boolean;
  readonly databaseReviewer: boolean;
  readonly databasePolicy: boolean;
}

/** Act 9. Somebody owns the database and the object store, writes what they like, and is caught each time. */
export async function everythingIsTamperedWith(stage: Stage, published: Published): Promise<TamperOutcome> {
  const { narrator, installation } = stage;
  narrator.act('Somebody owns the database, and the disks');
  const target = await stage.publish(fixtures.spareModel, 'scratch');
  await stage.deploy(target, 'scratch');
  await stage.untilPhase('scratch', ['refused']);
  const database = new pg.Client({ connectionString: installation.stack.databaseUrl });
  await database.connect();
  try {
    const attack = await attackOn(stage, database, target);
    const databaseApproval = narrator.shown(
      await stateIsInserted(attack),
      'an "approved" state and a made-up approval in the database: still refused',
    );
    const databaseReviewer = narrator.shown(
      await reviewerIsInserted(attack),
      'a made-up reviewer with her certificate and approval: no officer signed for her',
    );
    const databasePolicy = narrator.shown(
      await policyIsInserted(attack),
      'a weaker policy: no officer signed it, and the keybroker keeps the one it knows',
    );
    const approval = narrator.shown(
      await approvalIsSwapped(attack, published.onnx),
      'an approval swapped for another version’s: the worker loses its lease',
    );
    const blob = narrator.shown(await blobIsFlipped(attack), 'one bit of a sealed file: it does not open');
    const auditRow = narrator.shown(
      await auditRowIsEdited(attack),
      'a row of the audit log: its proof no longer leads to the signed checkpoint',
    );
    return { auditRow, approval, blob, databaseApproval, databaseReviewer, databasePolicy };
  } finally {
    await database.end();
  }
}

async function attackOn(stage: Stage, database: pg.Client, target: Version): Promise<Attack> {
  const { inputs } = await digitsExpectations();
  // The database's owner isn't held up by triggers either.
  await database.query('SET session_replication_role = replica');
  return { stage, database, target, deployment: 'scratch', input: inputs.slice(0, 1) };
}
