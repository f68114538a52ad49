import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { actorOf, type Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { Role } from '@castellan/contracts';
import { testDatabase, type TestDatabase } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { JobQueue } from '@castellan/queue';
import { DataKeys, vaultRules } from '../index.js';
import { FinishLostKeyWork } from './finish-lost-key-work.js';
import { RetireProjectKey } from './retire-project-key.js';
import { RewrapProject } from './rewrap-project.js';
import { RotateProjectKey } from './rotate-project-key.js';
import { RotationStore } from './rotation-store.js';
import { ShowProjectKeys } from './show-project-keys.js';
import { SteerRotation } from './steer-rotation.js';

/** The keybroker, as far as these use cases see it: which version is current, and how many data keys are left. */
class ScriptedBroker {
  version = 1;
  left = 0;
  unopened = 0;
  readonly asked: string[] = [];
  failure: CastellanError | undefined;
  /** Runs before a batch is answered. */
  meanwhile: () => Promise<unknown> = async () => undefined;

  readonly client = new KeybrokerClient(async (_method, path, body) => {
    this.asked.push(path);
    if (this.failure !== undefined) throw this.failure;
    if (path === '/v1/keks/rotate') return this.#rotate(body as { fromVersion: number });
    if (path === '/v1/keks/rewrap') return this.#rewrap(body as { limit: number });
    if (path === '/v1/keks/retire') return { retiredAt: new Date().toISOString() };
    throw new Error(`nobody answers ${path}`);
  });

  #rotate({ fromVersion }: { fromVersion: number }) {
    if (fromVersion !== this.version) throw stale(this.version);
    return { kekId: randomUUID(), version: ++this.version };
  }

  async #rewrap({ limit }: { limit: number }) {
    await this.meanwhile();
    const rewrapped = Math.min(limit, this.left);
    this.left -= rewrapped;
    const more = this.left > 0 ? { after: randomUUID() } : {};
    return {
      rewrapped,
      unopened: more.after ? 0 : this.unopened,
      remaining: this.left + this.unopened,
      ...more,
    };
  }
}

function stale(version: number): CastellanError {
  const meta = { version };
  return new CastellanError({ code: 'kek_version_stale', kind: 'conflict', publicDetail: 'Stale.', meta });
}

class CountingQueue extends JobQueue {
  readonly jobs: string[] = [];
  override async enqueue(_queue: unknown, message: unknown): Promise<void> {
    this.jobs.push((message as { rotationId: string }).rotationId);
  }
  override async ping(): Promise<void> {}
}

let test: TestDatabase;
let broker: ScriptedBroker;
let queue: CountingQueue;
let organizationId: string;
let project: { id: string; name: string };

beforeAll(async () => {
  test = await testDatabase();
  organizationId = (await test.database.client.organization.create({ data: { name: 'acme' } })).id;
});
afterAll(() => test.close());
beforeEach(async () => {
  broker = new ScriptedBroker();
  queue = new CountingQueue();
  const name = `vision-${randomUUID().slice(0, 8)}`;
  project = await test.database.client.project.create({ data: { name, organizationId } });
});

function actor(role: Role = 'admin', projectId: string | null = null): Actor {
  const identity = { personId: randomUUID(), name: 'ada', organizationId, organizationName: 'acme' };
  const credentialId = randomUUID();
  return actorOf({ ...identity, roles: [{ role, projectId }], credentialId, deployments: [] }, [vaultRules]);
}

function parts() {
  const { database } = test;
  const store = new RotationStore(database);
  const audit = new AuditLog(database);
  return {
    rotate: new RotateProjectKey(database, store, broker.client, audit, queue),
    steer: new SteerRotation(database, store, audit, queue),
    retire: new RetireProjectKey(store, broker.client, audit),
    rewrap: new RewrapProject(database, store, broker.client, audit),
    show: new ShowProjectKeys(store),
    lost: new FinishLostKeyWork(store, broker.client, queue),
  };
}
const rotationOf = async () => (await parts().show.execute(actor(), project.name)).rotation;
const run = (id: string, signal = new AbortController().signal) => parts().rewrap.execute(id, signal);
const actions = async () => {
  const rows = await test.database.client.auditOutbox.findMany({ orderBy: { id: 'asc' } });
  return rows.map(({ event }): string => JSON.parse(event).action);
};

describe('asking for a rotation', () => {
  it('is for administrators of the project', async () => {
    const { rotate, show } = parts();
    for (const who of [actor('author'), actor('auditor'), actor('reviewer'), actor('admin', randomUUID())])
      await expect(rotate.execute(who, project.name, 1)).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(show.execute(actor('author'), project.name)).rejects.toMatchObject({
      code: 'not_permitted',
    });
    await expect(show.execute(actor('auditor'), project.name)).resolves.toMatchObject({ versions: [] });
    await expect(rotate.execute(actor(), 'nowhere', 1)).rejects.toMatchObject({ code: 'project_unknown' });
    expect(broker.asked).toEqual([]);
    await rotate.execute(actor('admin', project.id), project.name, 1);
    expect(queue.jobs).toHaveLength(1);
  });

  it('twice is refused while the first runs, however close they come', async () => {
    const { rotate } = parts();
    const asked = await Promise.allSettled(
      [1, 1, 1].map((from) => rotate.execute(actor(), project.name, from)),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(broker.version).toBe(2);
    await expect(rotate.execute(actor(), project.name, 2)).rejects.toMatchObject({
      code: 'rotation_running',
    });
  });

  it('again with the same version is refused by the keybroker, recorded, and leaves nothing running', async () => {
    broker.version = 2;
    await expect(parts().rotate.execute(actor(), project.name, 1)).rejects.toMatchObject({
      code: 'kek_version_stale',
    });
    expect(await rotationOf()).toMatchObject({ state: 'failed' });
    expect((await actions()).slice(-2)).toEqual(['key-rotation.requested', 'key-rotation.failed']);
    expect(queue.jobs).toEqual([]);
  });
});

describe('re-wrapping a project', () => {
  it('goes batch by batch to its end, and says how far it is', async () => {
    broker.left = 1_200;
    const { id } = await parts().rotate.execute(actor(), project.name, 1);
    const seen: (number | undefined)[] = [];
    broker.meanwhile = async () => seen.push((await rotationOf())?.remainingKeys);
    await run(id);
    expect(seen).toEqual([undefined, 700, 200]);
    expect(await rotationOf()).toMatchObject({ state: 'done', totalKeys: 1_200, remainingKeys: 0 });
    expect((await actions()).at(-1)).toBe('key-rotation.finished');
  });

  it('stops when it is cancelled, and goes on when it is taken up again', async () => {
    broker.left = 1_200;
    const { rotate, steer } = parts();
    const { id } = await rotate.execute(actor(), project.name, 1);
    broker.meanwhile = () => steer.cancel(actor(), project.name);
    await run(id);
    expect(broker.left).toBe(700);
    await run(id);
    expect(broker.left).toBe(700);
    broker.meanwhile = async () => undefined;
    await expect(steer.cancel(actor(), project.name)).rejects.toMatchObject({ code: 'rotation_not_running' });
    await steer.resume(actor(), project.name);
    await run(id);
    expect(await rotationOf()).toMatchObject({ state: 'done', totalKeys: 700, remainingKeys: 0 });
    expect(broker.version).toBe(2);
  });

  it('goes on after its process died at any point: before the keybroker was asked, or half way', async () => {
    broker.left = 700;
    broker.failure = new CastellanError({ code: 'gone', kind: 'unavailable', publicDetail: 'Gone.' });
    await expect(parts().rotate.execute(actor(), project.name, 1)).rejects.toMatchObject({ code: 'gone' });
    expect(await rotationOf()).toMatchObject({ state: 'running' });
    const stopped = new AbortController();
    broker.failure = undefined;
    await parts().lost.execute();
    const id = (await rotationOf())?.id ?? '';
    expect(queue.jobs).toContain(id);
    broker.meanwhile = async () => stopped.abort();
    await expect(run(id, stopped.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(broker).toMatchObject({ left: 200, version: 2 });
    await run(id);
    expect(await rotationOf()).toMatchObject({ state: 'done', remainingKeys: 0 });
    expect(broker.version).toBe(2);
    queue.jobs.length = 0;
    await parts().lost.execute();
    expect(queue.jobs).not.toContain(id);
  });

  it('says how many data keys did not open', async () => {
    [broker.left, broker.unopened] = [10, 3];
    await run((await parts().rotate.execute(actor(), project.name, 1)).id);
    expect(await rotationOf()).toMatchObject({ state: 'incomplete', unopenedKeys: 3, remainingKeys: 3 });
  });
});

describe('a data key made under a key that is retired before it is stored', () => {
  it('goes under the current one', async () => {
    const { client } = test.database;
    const kek = (version: number, retiredAt: Date | null) =>
      client.keyEncryptionKey.create({
        data: { id: randomUUID(), projectId: project.id, version, sealedPrivate: Buffer.alloc(0), retiredAt },
      });
    const [older, newer] = [await kek(1, null), await kek(2, null)];
    let current = older;
    const publicKey = Buffer.from('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a', 'hex');
    const dataKeys = new DataKeys({
      current: async () => ({ kekId: current.id, version: current.version, publicKey }),
    });
    const inHand = await dataKeys.generate({ kind: 'version', id: randomUUID(), project: project.id });
    await client.keyEncryptionKey.update({ where: { id: older.id }, data: { retiredAt: new Date() } });
    current = newer;
    await test.database.transaction((tx) => inHand.record(tx));
    const row = await client.dataKey.findUniqueOrThrow({ where: { id: inHand.dataKeyId } });
    expect(row.kekId).toBe(newer.id);
  });
});

describe('a retirement whose process died', () => {
  it('is taken up again', async () => {
    const id = randomUUID();
    const data = { id, projectId: project.id, version: 1, sealedPrivate: Buffer.from('sealed') };
    await test.database.client.keyEncryptionKey.create({ data: { ...data, retiredAt: new Date() } });
    await parts().lost.execute();
    expect(broker.asked).toContain('/v1/keks/retire');
    await test.database.client.keyEncryptionKey.delete({ where: { id } });
  });

  it('was recorded before the keybroker was asked', async () => {
    broker.failure = new CastellanError({ code: 'gone', kind: 'unavailable', publicDetail: 'Gone.' });
    await expect(parts().retire.execute(actor(), project.name, 1)).rejects.toMatchObject({ code: 'gone' });
    expect((await actions()).at(-1)).toBe('key-retirement.requested');
  });
});
