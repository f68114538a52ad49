import { randomBytes, randomUUID, createSecretKey, createHash } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { newSecret, secretHash } from '@castellan/access';
import { blobStoreFromUrl } from '@castellan/blob-store';
import { canonicalize } from '@castellan/canonical-json';
import { PredictResponse, type DsseEnvelope } from '@castellan/contracts';
import { dataKeyContext, SealedStore, wrapDataKey } from '@castellan/vault';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { startGateway, type RunningGateway } from '../../apps/gateway/src/gateway.js';
import { BrokerScene, tokenOf, type Process, type SeededVersion } from '../../apps/keybroker/src/testing.js';

const fixtures = join(import.meta.dirname, '../fixtures/digits');
const repository = join(import.meta.dirname, '../..');
const modelFile = 'digits-keras3.h5';

const Expected = z.object({
  inputs: z.array(z.array(z.number())),
  models: z.record(z.string(), z.object({ outputs: z.record(z.string(), z.array(z.array(z.number()))) })),
});

const LogLine = z.looseObject({ msg: z.string().optional(), url: z.string().optional() });

/** The worker as it is deployed: a process of its own, known by its address alone. */
async function startWorkerProcess(environment: Readonly<Record<string, string>>) {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', join(repository, 'prisma/run-source.mjs'), join(repository, 'apps/worker/src/main.ts')],
    { env: { ...environment, WORKER_PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then(() => reject(new Error('the worker ended before it was ready')));
    if (child.stdout === null) return reject(new Error('the worker has no standard output'));
    createInterface(child.stdout).on('line', (line) => {
      const { msg, url: address = '' } = LogLine.parse(JSON.parse(line));
      if (msg === 'ready') resolve(address);
    });
  });
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return { url, stop };
}

describe('a Keras model behind the real keybroker, worker and gateway', () => {
  let scene: BrokerScene;
  let api: Process;
  let folder: string;
  let version: SeededVersion;
  let policy: DsseEnvelope;
  let approval: string;
  let worker: Awaited<ReturnType<typeof startWorkerProcess>> | undefined;
  let gateway: RunningGateway | undefined;
  let key: string;
  let expected: z.infer<typeof Expected>;

  beforeAll(async () => {
    expected = Expected.parse(JSON.parse(await readFile(join(fixtures, 'expected.json'), 'utf8')));
    folder = await mkdtemp(join(tmpdir(), 'castellan-e2e-'));
    scene = await BrokerScene.open();
    await scene.sequence();
    api = await scene.enroll('api');
    policy = scene.officer.sign(scene.policy());
    await api.client.honour(policy);
    await api.client.honour(scene.officer.sign(scene.certificate(scene.rita)));
    version = await publish();
    const ca = await scene.ca;
    worker = await startWorkerProcess({
      KEYBROKER_URL: scene.broker.url,
      KEYBROKER_CA: ca,
      JOIN_TOKEN: tokenOf('worker'),
      BLOB_URL: pathToFileURL(folder).href,
    });
    gateway = await startGateway({
      gateway: { host: '127.0.0.1', port: 0, name: 'gateway-0' },
      database: { url: scene.test.url, poolSize: 8 },
      keybroker: { url: scene.broker.url, ca, joinToken: tokenOf('gateway') },
      prediction: { workerUrls: [worker.url], running: 8, waiting: 32 },
      telemetry: { logLevel: 'error', metricsPort: undefined },
    });
    await deploy();
  });
  afterAll(async () => {
    await gateway?.close();
    await worker?.stop('SIGTERM');
    await scene?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** Seals the fixture and inserts its rows, as the api does when somebody publishes. */
  async function publish(): Promise<SeededVersion> {
    const { client } = scene.test.database;
    const { organization, organizationId, project, projectId } = scene;
    const { id } = await client.version.create({
      data: {
        number: 1,
        stage: 'candidate',
        authorId: randomUUID(),
        authorName: 'anna',
        model: { create: { organizationId, projectId, name: 'digits' } },
      },
    });
    const dataKey = randomBytes(32);
    const dataKeyId = randomUUID();
    const { kekId, publicKey } = await api.client.keyEncryptionKey(projectId);
    const subject = { kind: 'version', id, project: projectId } as const;
    const wrapped = wrapDataKey(Buffer.from(publicKey, 'base64'), subject, dataKey);
    await client.dataKey.create({
      data: { id: dataKeyId, kekId, context: dataKeyContext(subject), wrapped },
    });
    const store = new SealedStore(await blobStoreFromUrl(pathToFileURL(folder).href));
    const source = createReadStream(join(fixtures, modelFile));
    const path = 'model.h5';
    const { blobKey, sizeBytes, sha256 } = await store.write({
      dataKeyId,
      key: createSecretKey(dataKey),
      path,
      source,
      folder: `versions/${id}`,
    });
    const manifest = canonicalize({
      format: 'castellan.manifest/v1',
      organization,
      project,
      model: 'digits',
      number: 1,
      author: 'anna',
      createdAt: new Date().toISOString(),
      files: [{ path, sizeBytes, sha256 }],
    });
    const digest = createHash('sha256').update(manifest).digest('hex');
    await client.version.update({
      where: { id },
      data: { manifest, digest, files: { create: { path, sizeBytes, sha256, blobKey, dataKeyId } } },
    });
    return { id, digest, number: 1, dataKeyId, dataKey, manifest };
  }

  async function deploy(): Promise<void> {
    const { client } = scene.test.database;
    const { organizationId, projectId } = scene;
    key = newSecret('api_key');
    const person = await client.person.create({
      data: {
        organizationId,
        name: 'carla',
        displayName: 'Carla',
        bindings: { create: { role: 'consumer' } },
        credentials: {
          create: { kind: 'api_key', secretHash: secretHash(key), label: 'test', deployments: [] },
        },
      },
    });
    await client.deployment.create({
      data: {
        organizationId,
        projectId,
        name: 'digits',
        versionId: version.id,
        desired: 'running',
        createdById: person.id,
      },
    });
  }

  async function predict(input: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(new URL('/api/predict', gateway?.url), {
      method: 'POST',
      body: JSON.stringify({ input }),
      headers: { authorization: `Bearer ${key}` },
    });
    return { status: response.status, body: await response.json() };
  }

  async function untilStatus(wanted: number): Promise<unknown> {
    for (;;) {
      const { status, body } = await predict(expected.inputs);
      if (status === wanted) return body;
      expect([200, 403, 503]).toContain(status);
      await sleep(50);
    }
  }

  it('answers nothing before it is approved, and says what is missing', async () => {
    expect(await untilStatus(403)).toMatchObject({
      code: 'not_approved',
      detail: expect.stringContaining('0 of 1'),
    });
  });

  it('answers what Keras answers once one reviewer has signed', async () => {
    const envelope = scene.rita.sign(scene.decision(version, policy, scene.rita.name));
    await api.client.honour(envelope);
    approval = await scene.insertDocument(envelope);
    const { output, versionDigest } = PredictResponse.parse(await untilStatus(200));
    const rows = z.array(z.array(z.number())).parse(output);
    const keras = expected.models[modelFile]?.outputs['digit'] ?? [];
    expect(rows).toHaveLength(keras.length);
    rows.forEach((row, index) =>
      row.forEach((score, digit) => expect(score).toBeCloseTo(keras[index]?.[digit] ?? NaN, 5)),
    );
    expect(versionDigest).toBe(version.digest);
  });

  it('has recorded the release of the key before the first prediction', async () => {
    const actions = await scene.actions();
    const released = actions.indexOf('key.released');
    expect(released).toBeGreaterThan(actions.indexOf('key.refused'));
    expect(actions.indexOf('prediction.served')).toBeGreaterThan(released);
  });

  it('answers nothing any more after a revocation, though nobody tells the gateway', async () => {
    await api.client.honour(scene.rita.sign(scene.revocation(approval, scene.rita.name)));
    const refused = await untilStatus(403);
    expect(refused).toMatchObject({ code: 'not_approved' });
    await sleep(1_000);
    expect((await predict(expected.inputs)).status).toBe(403);
  });
});
