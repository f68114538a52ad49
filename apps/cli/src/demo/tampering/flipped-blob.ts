import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from '@castellan/contracts';
import type { Attack } from './attack.js';

/** The gateway comes round every half second, and tells the workers then. */
const A_ROUND_MS = 600;

/** The target is approved. With one bit of its sealed file flipped it can't be loaded; with the bit back it can. */
export async function blobIsFlipped(attack: Attack): Promise<boolean> {
  const { stage, target, database } = attack;
  const { rows } = await database.query<{ blobKey: string }>(
    'SELECT "blobKey" FROM "VersionFile" WHERE "versionId" = $1',
    [target.id],
  );
  const file = join(stage.installation.folder.blobs, `${rows[0]?.blobKey}.blob`);
  await flipBit(file);
  const flipped = await loadedAnew(attack);
  await flipBit(file);
  const mended = await loadedAnew(attack);
  return flipped === 'failed' && mended === 'ready';
}

async function loadedAnew(attack: Attack): Promise<Deployment['phase']> {
  const { stage, target, deployment } = attack;
  await stage.cast.admin.api.deleteDeployment(deployment);
  await untilUnloaded(attack);
  await stage.deploy(target, deployment);
  return (await stage.untilPhase(deployment, ['ready', 'failed'])).phase;
}

/** Weights that a worker still holds are genuine; only what it reads anew can be caught. */
async function untilUnloaded({ stage, deployment, input }: Attack): Promise<void> {
  await stage.until('the gateway has forgotten the name', async () => {
    const refusal = await stage.refusalOf(deployment, input);
    return refusal?.code === 'deployment_unknown' ? refusal : undefined;
  });
  await sleep(A_ROUND_MS, undefined, { signal: stage.signal });
}

async function flipBit(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, size >> 1);
    byte.writeUInt8(byte.readUInt8(0) ^ 1, 0);
    await file.write(byte, 0, 1, size >> 1);
  } finally {
    await file.close();
  }
}
