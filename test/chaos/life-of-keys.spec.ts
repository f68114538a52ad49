import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { destructionOrderPayload } from '@castellan/approval-policy';
import { requestKeys } from '@castellan/keybroker-client';
import {
  BrokerScene,
  bytesOf,
  codeOf,
  Signer,
  type Process,
  type SeededVersion,
} from '../../apps/keybroker/src/testing.js';
import { eventually } from '../support/eventually.js';
import { Steps, type Step } from './held-step.js';
import { freePort, KeybrokerProcess } from './keybroker-process.js';

/** The process that holds every key dies at each step of rotating, retiring and destroying, and nothing is lost or comes back. */
describe('kill -9 of the keybroker', () => {
  let scene: BrokerScene;
  let steps: Steps;
  let broker: KeybrokerProcess;
  let api: Process;
  let jobs: Process;
  let living: SeededVersion[];
  let doomed: SeededVersion;
  const db = () => scene.test.database.client;

  beforeAll(async () => {
    const port = await freePort();
    scene = await BrokerScene.open({
      launch: async (settings) => (broker = await KeybrokerProcess.start(settings, port)),
    });
    steps = await Steps.of(scene.test.url);
    [api, jobs] = [await scene.enroll('api'), await scene.enroll('jobs')];
    await scene.sequence();
    living = [await scene.seedVersion(api, 1), await scene.seedVersion(api, 2)];
    doomed = await scene.seedVersion(api, 3);
  });
  afterAll(async () => {
    await steps.close();
    await scene[Symbol.asyncDispose]();
  });

  const scan = ({ id }: SeededVersion) => {
    const subject = { kind: 'version', id } as const;
    return requestKeys(jobs.client, { purpose: 'scan', subject, peer: jobs.peer });
  };
  /** Every living version opens, to the very key that it was sealed with. */
  const allOpen = async () => {
    for (const version of living)
      expect(bytesOf((await scan(version)).keys.get(version.dataKeyId))).toEqual(version.dataKey);
  };
  /** Kills it at the step, starts it again, and looks that all is there. The asker heard no yes. */
  async function killed(
    at: 'heldAt' | 'committed',
    step: Step,
    work: () => Promise<unknown>,
    check = allOpen,
  ): Promise<void> {
    const heard = await steps[at](
      step,
      () => codeOf(work()),
      () => broker.kill(),
    );
    await scene.start();
    // Once it is committed the answer may have been faster than the kill.
    expect(['peer_unavailable', at === 'committed' ? undefined : 'peer_unavailable']).toContain(heard);
    await check();
  }

  const projectId = () => scene.projectId;
  const newestVersion = async () =>
    (await db().keyEncryptionKey.aggregate({ where: { projectId: projectId() }, _max: { version: true } }))
      ._max.version ?? 0;
  const rewrap = () => jobs.client.rewrap({ projectId: projectId(), limit: 2 });

  describe('while a key is rotated', () => {
    const made = { table: 'KeyEncryptionKey', does: 'INSERT', which: 'NEW.version > 1' } as const;
    const rotate = () => jobs.client.rotateKek(projectId(), 1);

    it('before the new version is stored: there is none, and it is asked for again', async () => {
      await killed('heldAt', made, rotate);
      expect(await newestVersion()).toBe(1);
    });

    it('after it: it is in use, and the same request does nothing more', async () => {
      await killed('committed', made, rotate);
      expect(await codeOf(rotate())).toBe('kek_version_stale');
      expect(await api.client.keyEncryptionKey(projectId())).toMatchObject({ version: 2 });
    });

    it('while data keys are moved: none is half moved, and the rest follow', async () => {
      const moved = { table: 'DataKey', does: 'UPDATE', which: 'NEW."kekId" <> OLD."kekId"' } as const;
      await killed('heldAt', moved, rewrap);
      while ((await rewrap()).remaining > 0);
      expect(await rewrap()).toMatchObject({ unopened: 0, remaining: 0 });
      await allOpen();
    });
  });

  describe('while the older version is destroyed', () => {
    const retire = () => api.client.retireKek(projectId(), 1);
    const older = () =>
      db().keyEncryptionKey.findUniqueOrThrow({
        where: { projectId_version: { projectId: projectId(), version: 1 } },
      });
    const marked = {
      table: 'KeyEncryptionKey',
      does: 'UPDATE',
      which: 'NEW."retiredAt" IS NOT NULL AND OLD."retiredAt" IS NULL',
    } as const;
    const erased = {
      table: 'KeyEncryptionKey',
      does: 'UPDATE',
      which: 'length(NEW."sealedPrivate") = 0',
    } as const;

    it('once it is marked, and before it is erased: it is erased in the end, recorded once', async () => {
      await killed('committed', marked, retire);
      expect((await older()).retiredAt).not.toBeNull();
      await killed('heldAt', erased, retire);
      await retire();
      expect((await older()).sealedPrivate).toHaveLength(0);
      expect((await scene.actions()).filter((action) => action === 'kek.retired')).toHaveLength(1);
      await allOpen();
    });
  });

  describe('while a version is destroyed', () => {
    const carryOut = () => jobs.client.carryOutDestruction(doomed.id);
    const isDestroyed = async () =>
      (await api.client.orderedDestructions()).destroyed.includes(`version/${doomed.id}`);
    const row = () => db().dataKey.findUniqueOrThrow({ where: { id: doomed.dataKeyId } });

    beforeAll(async () => {
      const people = [scene.officer, new Signer('rosa')];
      await api.client.honour(scene.officer.sign(scene.certificate(people[1]!)));
      const { organization, project } = scene;
      for (const by of people) {
        const about = { target: 'version', targetId: doomed.id, organization, project } as const;
        const dates = { issuedAt: scene.day(0), expiresAt: scene.day(30), nonce: randomUUID() };
        const order = { ...about, ...dates, person: by.name, reason: 'withdrawn' };
        const subject = { name: 'digits@3', sha256: doomed.digest };
        await api.client.honour(by.sign(destructionOrderPayload(subject, order)));
      }
      await eventually('its time has come', async () => {
        const { destructions } = await api.client.orderedDestructions();
        return destructions.some(({ state }) => state === 'due') || undefined;
      });
    });

    it('before its record: nothing has happened', async () => {
      const recorded = {
        table: 'AuditOutbox',
        does: 'INSERT',
        which: `NEW.event LIKE '%"keys.destroyed"%'`,
      } as const;
      await killed('heldAt', recorded, carryOut);
      expect([await isDestroyed(), (await row()).destroyedAt]).toEqual([false, null]);
      expect(bytesOf((await scan(doomed)).keys.get(doomed.dataKeyId))).toEqual(doomed.dataKey);
    });

    it('before its keys are wiped, and once they are: it ends destroyed, with one certificate', async () => {
      const before = await row();
      const wiped = { table: 'DataKey', does: 'UPDATE', which: 'NEW."destroyedAt" IS NOT NULL' } as const;
      await killed('heldAt', wiped, carryOut);
      expect((await row()).destroyedAt).toBeNull();
      await killed('committed', wiped, carryOut);
      await carryOut().catch(() => undefined);
      expect(await isDestroyed()).toBe(true);
      expect((await row()).wrapped).toHaveLength(0);
      expect(await db().destruction.count({ where: { targetId: doomed.id } })).toBe(1);
      // Not even with the row that was.
      await db().dataKey.update({
        where: { id: doomed.dataKeyId },
        data: { wrapped: before.wrapped, destroyedAt: null },
      });
      expect(await codeOf(scan(doomed))).toBe('key_unusable');
      await allOpen();
    });

    it('and what was said to be recorded is in the log, each once', async () => {
      const entries = await db().auditEntry.findMany({ select: { eventId: true, action: true } });
      expect(new Set(entries.map(({ eventId }) => eventId)).size).toBe(entries.length);
      const actions = await scene.actions();
      expect(actions.filter((action) => action === 'kek.rotated')).toHaveLength(1);
      expect(actions).toContain('keys.destroyed');
    });
  });
});
