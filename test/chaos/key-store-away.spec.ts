import { describe, expect, it } from '@jest/globals';
import { requestKeys } from '@castellan/keybroker-client';
import { BrokerScene, bytesOf, codeOf } from '../../apps/keybroker/src/testing.js';
import { startTransitServer } from '../../libs/platform/kms/src/testing/transit-server.js';

describe('a deployment whose key store goes away, and comes back', () => {
  it('goes on; whatever needs the key store is refused by name, and nothing has to be started again', async () => {
    const transit = await startTransitServer();
    const scene = await BrokerScene.open({
      kms: { url: `vault://${transit.host}/transit/root?tls=off`, token: 'token' },
    });
    try {
      const [api, worker] = [await scene.enroll('api'), await scene.enroll('worker')];
      await scene.sequence();
      const policy = scene.officer.sign(scene.policy());
      await api.client.honour(policy);
      await api.client.honour(scene.officer.sign(scene.certificate(scene.rita)));
      const version = await scene.seedVersion(api);
      const approval = scene.rita.sign(scene.decision(version, policy, 'rita'));
      await api.client.honour(approval);
      await scene.insertDocument(approval);
      const subject = { kind: 'version', id: version.id } as const;
      const serve = () =>
        requestKeys(worker.client, { purpose: 'serve', subject, deployment: 'd', peer: worker.peer });
      const { release } = await serve();
      const data = { name: 'fresh', organizationId: scene.organizationId };
      const fresh = await scene.test.database.client.project.create({ data });

      for (const status of [503, 429]) {
        transit.failWith = status;
        // What is served stays served, and is served anew where a worker died; uploads into the project go on.
        expect((await worker.client.renew(release.lease.id)).getTime()).toBeGreaterThan(Date.now());
        expect(bytesOf((await serve()).keys.get(version.dataKeyId))).toEqual(version.dataKey);
        expect(await api.client.keyEncryptionKey(scene.projectId)).toMatchObject({ version: 1 });
        // What takes the key store says so.
        expect(await codeOf(api.client.keyEncryptionKey(fresh.id))).toBe('kms_unavailable');
        expect(await codeOf(api.client.rotateKek(scene.projectId, 1))).toBe('kms_unavailable');
        expect(await codeOf(api.client.createRootRecipient(scene.organizationId))).toBe('kms_unavailable');
      }
      transit.failWith = undefined;
      expect(await api.client.keyEncryptionKey(fresh.id)).toMatchObject({ version: 1 });
      expect(await api.client.rotateKek(scene.projectId, 1)).toMatchObject({ version: 2 });
      expect(bytesOf((await serve()).keys.get(version.dataKeyId))).toEqual(version.dataKey);

      // A broker that is started meanwhile does not come up, and says why; it does once the key store answers.
      await scene.stopSequencing();
      await scene.broker.close();
      transit.failWith = 503;
      expect(await codeOf(scene.start())).toBe('kms_unavailable');
      transit.failWith = undefined;
      await scene.start();
    } finally {
      await scene[Symbol.asyncDispose]();
      await transit.close();
    }
  });
});
