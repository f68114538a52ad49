import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FolderBlobStore } from '@castellan/blob-store';
import { testDatabase, type TestDatabase } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { SealedStore } from '../sealed-store.js';
import { CarryOutDestructions } from './carry-out-destructions.js';

let test: TestDatabase;
let folder: string;
let blobs: FolderBlobStore;
beforeAll(async () => {
  test = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'castellan-destruction-'));
  blobs = await FolderBlobStore.open(folder);
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

/** A keybroker that destroys what is due, unless it is told that something stands in the way. */
function broker(due: readonly string[], destroyed: string[], blocked: readonly string[] = []) {
  const about = { target: 'version', organization: 'acme', project: 'vision', name: 'digits@1', orders: [] };
  return new KeybrokerClient(async (_method, path, body) => {
    if (path === '/v1/destructions') {
      const left = due.filter((id) => !destroyed.includes(`version/${id}`));
      return { destructions: left.map((targetId) => ({ ...about, targetId, state: 'due' })), destroyed };
    }
    const { targetId } = body as { targetId: string };
    if (blocked.includes(targetId))
      throw new CastellanError({ code: 'destruction_blocked', kind: 'conflict', publicDetail: 'Deployed.' });
    destroyed.push(`version/${targetId}`);
    await certify(targetId, [targetId]);
    return { destroyed: true };
  });
}

const certify = (targetId: string, versions: string[]) =>
  test.database.client.destruction.create({
    data: {
      organizationId: 'o',
      target: 'version',
      targetId,
      name: 'digits@1',
      certificate: JSON.stringify({ versions }),
      signature: '',
    },
  });
const run = (client: KeybrokerClient) =>
  new CarryOutDestructions(test.database, client, new SealedStore(blobs)).execute();
async function stored(versionId: string): Promise<string> {
  const key = `versions/${versionId}/${randomUUID()}`;
  await blobs.put(
    key,
    (async function* () {
      yield Buffer.from('sealed');
    })(),
  );
  return key;
}
const exists = (key: string) =>
  blobs.size(key).then(
    () => true,
    () => false,
  );

describe('carrying out what is due', () => {
  it('destroys the keys, then removes the files; one that is blocked holds up no other', async () => {
    const [first, blocked, second] = [randomUUID(), randomUUID(), randomUUID()];
    const files = [await stored(first), await stored(blocked), await stored(second)];
    await run(broker([first, blocked, second], [], [blocked]));
    expect(await Promise.all(files.map(exists))).toEqual([false, true, false]);
  });

  it('removes the files of a destruction whose job died in between', async () => {
    const id = randomUUID();
    const file = await stored(id);
    await certify(id, [id]);
    await run(broker([], [`version/${id}`]));
    expect(await exists(file)).toBe(false);
    const row = await test.database.client.destruction.findUniqueOrThrow({ where: { targetId: id } });
    expect(row.filesRemovedAt).not.toBeNull();
  });

  it('removes nothing on the word of a row alone', async () => {
    const [made, edited, living] = [randomUUID(), randomUUID(), randomUUID()];
    const file = await stored(living);
    await certify(made, [living]);
    await certify(edited, [edited, living]);
    await run(broker([], [`version/${edited}`]));
    expect(await exists(file)).toBe(true);
  });
});
