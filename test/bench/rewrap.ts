import { randomBytes, randomUUID } from 'node:crypto';
import { dataKeyContext, wrapDataKey } from '@castellan/vault';
import { BrokerScene, type Process } from '../../apps/keybroker/src/testing.js';
import { secondsOf } from './measure.js';

const DATA_KEYS = 10_000;
/** As the job asks. */
const BATCH = 500;

/**
 * Data keys a second, moved by a real keybroker with the local KMS from one version of a project's key to the next: asked
 * over mutual TLS as the job does, read from and written to PostgreSQL, each batch with its audit event.
 */
export async function rewrapPerSecond(): Promise<number> {
  console.error(`re-wrapping ${DATA_KEYS} data keys`);
  await using scene = await BrokerScene.open();
  const [api, jobs] = [await scene.enroll('api'), await scene.enroll('jobs')];
  await seed(scene, api);
  await api.client.rotateKek(scene.projectId, 1);
  return DATA_KEYS / (await secondsOf(() => rewrapAll(scene.projectId, jobs)));
}

async function rewrapAll(projectId: string, jobs: Process): Promise<void> {
  let after: string | undefined;
  let moved = 0;
  do {
    const where = after === undefined ? {} : { after };
    const batch = await jobs.client.rewrap({ projectId, limit: BATCH, ...where });
    moved += batch.rewrapped;
    after = batch.after;
  } while (after !== undefined);
  if (moved !== DATA_KEYS) throw new Error(`${moved} data keys were moved, not ${DATA_KEYS}`);
}

async function seed({ projectId, test }: BrokerScene, api: Process): Promise<void> {
  const { kekId, publicKey } = await api.client.keyEncryptionKey(projectId);
  const rows = Array.from({ length: DATA_KEYS }, () => {
    const subject = { kind: 'version', id: randomUUID(), project: projectId } as const;
    const wrapped = wrapDataKey(Buffer.from(publicKey, 'base64'), subject, randomBytes(32));
    return { id: randomUUID(), kekId, context: dataKeyContext(subject), wrapped };
  });
  await test.database.client.dataKey.createMany({ data: rows });
}
