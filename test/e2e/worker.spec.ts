import { createHash, createSecretKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FolderBlobStore } from '@castellan/blob-store';
import { canonicalize } from '@castellan/canonical-json';
import type { DsseEnvelope, Manifest } from '@castellan/contracts';
import { peerCall } from '@castellan/http';
import { ProcessIdentity } from '@castellan/keybroker-client';
import { MutualTlsWorkerClient, type WorkerState } from '@castellan/serving';
import { tensor, type Tensor } from '@castellan/tensors';
import { SealedStore } from '@castellan/vault';
import { BrokerScene, tokenOf, type Process, type SeededVersion } from '../../apps/keybroker/src/testing.js';
import { startWorker, type RunningWorker } from '../../apps/worker/src/worker.js';

/** The real worker under the real keybroker, real approvals and real models; only the gateway is this spec. */

const LEASE_MS = 2_500;
const root = new URL('../../', import.meta.url);
const digits = new URL('test/fixtures/digits/', root);
const silero = new URL('node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', root);

interface Published extends SeededVersion {
  readonly blobKeys: readonly string[];
}

interface KerasAnswers {
  readonly inputs: readonly (readonly number[])[];
  readonly models: Readonly<
    Record<string, { readonly outputs: { readonly digit: readonly (readonly number[])[] } }>
  >;
}

let scene: BrokerScene;
let api: Process;
let policy: DsseEnvelope;
let folder: string;
let blobs: FolderBlobStore;
let worker: RunningWorker;
let gateway: ProcessIdentity;
let client: MutualTlsWorkerClient;
let answers: KerasAnswers;
let lastNumber = 0;

beforeAll(async () => {
  scene = await BrokerScene.open({ leaseMs: LEASE_MS });
  api = await scene.enroll('api');
  await scene.sequence();
  policy = scene.officer.sign(scene.policy());
  await api.client.honour(policy);
  await api.client.honour(scene.officer.sign(scene.certificate(scene.rita)));
  folder = await mkdtemp(join(tmpdir(), 'castellan-worker-'));
  blobs = await FolderBlobStore.open(folder);
  worker = await start('cpu-0');
  gateway = await joined('gateway');
  const [control, data] = [gateway.fetch('worker'), gateway.fetch('worker')];
  client = new MutualTlsWorkerClient({ control, data });
  answers = JSON.parse(await readFile(new URL('expected.json', digits), 'utf8')) as KerasAnswers;
});

afterEach(async () => {
  for (const { name } of await client.states(worker.url)) await client.remove(worker.url, name);
});

afterAll(async () => {
  await gateway?.close();
  await worker?.close();
  await scene?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function start(name: string): Promise<RunningWorker> {
  return startWorker({
    worker: { host: '127.0.0.1', port: 0, name, maxRequestBytes: 1 << 22 },
    keybroker: { url: scene.broker.url, ca: await scene.ca, joinToken: tokenOf('worker') },
    blobs: { url: pathToFileURL(folder).href },
    telemetry: { logLevel: 'fatal', metricsPort: undefined },
  });
}

async function joined(role: 'gateway' | 'api'): Promise<ProcessIdentity> {
  const { url } = scene.broker;
  return ProcessIdentity.enroll({
    url,
    ca: await scene.ca,
    joinToken: tokenOf(role),
    role,
    name: 'spec',
  });
}

/** Seals real files under a version's data key, as the api does, and says so in its manifest. */
async function publish(files: Readonly<Record<string, URL>>): Promise<Published> {
  const seeded = await scene.seedVersion(api, ++lastNumber);
  const db = scene.test.database.client;
  const store = new SealedStore(blobs);
  const sealed = [];
  for (const [path, file] of Object.entries(files)) {
    const key = createSecretKey(seeded.dataKey);
    const source = (async function* () {
      yield await readFile(file);
    })();
    sealed.push({ path, ...(await store.write({ dataKeyId: seeded.dataKeyId, key, path, source })) });
  }
  const manifest = canonicalize({
    ...JSON.parse(seeded.manifest),
    files: sealed.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256 })),
  });
  const digest = createHash('sha256').update(manifest).digest('hex');
  await db.version.update({ where: { id: seeded.id }, data: { manifest, digest } });
  await db.versionFile.deleteMany({ where: { versionId: seeded.id } });
  for (const file of sealed) {
    await db.versionFile.create({ data: { ...file, versionId: seeded.id, dataKeyId: seeded.dataKeyId } });
  }
  return { ...seeded, manifest, digest, blobKeys: sealed.map(({ blobKey }) => blobKey) };
}

async function approve(version: SeededVersion): Promise<string> {
  const envelope = scene.rita.sign(scene.decision(version, policy, 'rita'));
  await api.client.honour(envelope);
  return scene.insertDocument(envelope);
}

async function approved(files: Readonly<Record<string, URL>>): Promise<Published> {
  const version = await publish(files);
  await approve(version);
  return version;
}

const kerasModel = { 'model.h5': new URL('digits-keras3.h5', digits) };

async function stateOf(name: string): Promise<WorkerState | undefined> {
  return (await client.states(worker.url)).find((state) => state.name === name);
}

/** Waits for a phase; any other that does not pass by itself ends the waiting. */
async function reach(name: string, phase: WorkerState['phase']): Promise<WorkerState | undefined> {
  for (;;) {
    const state = await stateOf(name);
    const passing = state?.phase === 'pending' || state?.phase === 'loading' || state?.phase === 'ready';
    if (state?.phase === phase || !passing) return state;
    await sleep(10);
  }
}

async function serve(name: string, version: SeededVersion): Promise<WorkerState | undefined> {
  await client.place(worker.url, name, version.id);
  return reach(name, 'ready');
}

const image = (): Tensor => {
  const { inputs } = answers;
  return tensor('pixels', 'FP32', [inputs.length, 64], Float32Array.from(inputs.flat()));
};

describe('an approved version', () => {
  it('is served from sealed bytes, and answers as Keras does', async () => {
    const version = await approved(kerasModel);
    expect(await serve('digits', version)).toEqual({
      name: 'digits',
      versionId: version.id,
      versionDigest: version.digest,
      phase: 'ready',
      platform: 'tensorflowjs_keras',
      signature: {
        inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
        outputs: [{ name: 'digit', datatype: 'FP32', shape: [-1, 10] }],
      },
    });
    const { outputs, versionDigest } = await client.infer(worker.url, 'digits', [image()]);
    expect(versionDigest).toBe(version.digest);
    const expected = answers.models['digits-keras3.h5']?.outputs.digit.flat() ?? [];
    const given = Array.from(outputs[0]?.data as Float32Array);
    expect(given).toHaveLength(expected.length);
    given.forEach((value, index) => expect(value).toBeCloseTo(expected[index] ?? NaN, 4));
  });

  it('may be ONNX, of several inputs with a scalar among them', async () => {
    await serve('voice', await approved({ 'vad.onnx': silero }));
    const silence = [
      tensor('sr', 'INT64', [], new BigInt64Array([16_000n])),
      tensor('state', 'FP32', [2, 1, 128], new Float32Array(256)),
      tensor('input', 'FP32', [1, 512], new Float32Array(512)),
    ];
    const { outputs } = await client.infer(worker.url, 'voice', silence);
    expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['output', [1, 1]],
      ['stateN', [2, 1, 128]],
    ]);
  });

  it('outlives many leases, and is placed again without being loaded again', async () => {
    const version = await approved(kerasModel);
    await serve('digits', version);
    await sleep(LEASE_MS * 2);
    await client.place(worker.url, 'digits', version.id);
    expect((await stateOf('digits'))?.phase).toBe('ready');
  });

  it('makes way for another under the same name', async () => {
    await serve('digits', await approved(kerasModel));
    const next = await approved({ 'model.h5': new URL('digits-convolutional-keras3.h5', digits) });
    expect(await serve('digits', next)).toMatchObject({ phase: 'ready', versionDigest: next.digest });
  });

  it('is forgotten when it is removed', async () => {
    await serve('digits', await approved(kerasModel));
    await client.remove(worker.url, 'digits');
    expect(await client.states(worker.url)).toEqual([]);
    await expect(client.infer(worker.url, 'digits', [image()])).rejects.toMatchObject({
      code: 'deployment_unknown',
    });
  });

  it('leaves no plaintext in the object store', async () => {
    const { blobKeys } = await approved(kerasModel);
    const plain = await readFile(kerasModel['model.h5']);
    const marker = plain.subarray(plain.length - 256);
    for (const path of await filesBelow(folder)) expect((await readFile(path)).includes(marker)).toBe(false);
    expect(blobKeys).toHaveLength(1);
  });
});

describe('a request', () => {
  it('is answered for with what is wrong with it', async () => {
    await serve('digits', await approved(kerasModel));
    const refused = (input: Tensor) => client.infer(worker.url, 'digits', [input]);
    await expect(refused(tensor('pixels', 'FP32', [1, 63], new Float32Array(63)))).rejects.toMatchObject({
      code: 'tensor_shape_mismatch',
      kind: 'invalid',
      publicDetail: expect.stringContaining('wants shape [-1, 64], given shape [1, 63]'),
    });
    await expect(refused(tensor('pixel', 'FP32', [1, 64], new Float32Array(64)))).rejects.toMatchObject({
      code: 'tensor_input_unknown',
    });
    const large = tensor('pixels', 'FP32', [1 << 15, 64], new Float32Array((1 << 15) * 64));
    await expect(refused(large)).rejects.toMatchObject({ kind: 'invalid' });
    await expect(refused(image())).resolves.toHaveProperty('outputs');
  });

  it('is a gateway’s, or is refused', async () => {
    await serve('digits', await approved(kerasModel));
    const identity = await joined('api');
    const call = peerCall(identity.fetch('worker'), worker.url);
    for (const [method, path, body] of [
      ['GET', '/v1/deployments'],
      ['PUT', '/v1/deployments/digits', { versionId: crypto.randomUUID() }],
      ['DELETE', '/v1/deployments/digits'],
      ['POST', '/v1/deployments/digits/infer', {}],
    ] as const) {
      await expect(call(method, path, body)).rejects.toMatchObject({ code: 'peer_forbidden' });
    }
    await identity.close();
    expect((await stateOf('digits'))?.phase).toBe('ready');
  });
});

describe('a version that may not be served', () => {
  it('is refused until it is approved, and then served', async () => {
    const version = await publish(kerasModel);
    expect(await serve('digits', version)).toMatchObject({
      phase: 'refused',
      reason: 'release_refused',
      message: expect.stringContaining('approval'),
    });
    await expect(client.infer(worker.url, 'digits', [image()])).rejects.toMatchObject({
      code: 'model_not_ready',
    });
    await approve(version);
    expect(await serve('digits', version)).toMatchObject({ phase: 'ready' });
  });

  it('is let go within a lease once its approval is revoked', async () => {
    const version = await publish(kerasModel);
    const approval = await approve(version);
    await serve('digits', version);
    await api.client.honour(scene.rita.sign(scene.revocation(approval, 'rita')));
    expect(await reach('digits', 'refused')).toMatchObject({ phase: 'refused', reason: 'release_refused' });
    await expect(client.infer(worker.url, 'digits', [image()])).rejects.toMatchObject({
      code: 'model_not_ready',
    });
  });

  it('is not loaded when it carries code, whoever approved it', async () => {
    const version = await approved({ 'model.h5': new URL('lambda-keras3.h5', digits) });
    expect(await serve('digits', version)).toMatchObject({ phase: 'failed', reason: 'model_carries_code' });
  });

  it('is not loaded when no engine reads it', async () => {
    const version = await approved({ 'model.pkl': new URL('logistic-regression.pkl', digits) });
    expect(await serve('digits', version)).toMatchObject({ phase: 'failed', reason: 'engine_missing' });
  });
});

describe('somebody who can write the object store and any row', () => {
  async function bytesOf(blobKey: string): Promise<Buffer> {
    return Buffer.concat(await Array.fromAsync(blobs.get(blobKey)));
  }

  async function replace(blobKey: string, bytes: Uint8Array): Promise<void> {
    await blobs.delete(blobKey);
    await blobs.put(
      blobKey,
      (async function* () {
        yield bytes;
      })(),
    );
  }

  it('gets no changed byte served', async () => {
    const version = await approved(kerasModel);
    const [blobKey = ''] = version.blobKeys;
    const sealed = await bytesOf(blobKey);
    sealed[sealed.length >> 1] = (sealed[sealed.length >> 1] ?? 0) ^ 1;
    await replace(blobKey, sealed);
    expect(await serve('digits', version)).toMatchObject({ phase: 'failed', reason: 'unsealing_failed' });
  });

  it('gets no other version’s blob served', async () => {
    const version = await approved(kerasModel);
    const other = await approved(kerasModel);
    await replace(version.blobKeys[0] ?? '', await bytesOf(other.blobKeys[0] ?? ''));
    expect(await serve('digits', version)).toMatchObject({ phase: 'failed', reason: 'unsealing_failed' });
  });

  it('gets no unapproved content served under an approved manifest', async () => {
    const good = await approved(kerasModel);
    const bad = await publish({ 'model.h5': new URL('digits-keras2.h5', digits) });
    const db = scene.test.database.client;
    const { files } = JSON.parse(good.manifest) as Manifest;
    await db.version.update({ where: { id: good.id }, data: { digest: null } });
    await db.version.update({
      where: { id: bad.id },
      data: { manifest: good.manifest, digest: good.digest },
    });
    await db.versionFile.updateMany({
      where: { versionId: bad.id },
      data: { sha256: files[0]?.sha256 ?? '', sizeBytes: BigInt(files[0]?.sizeBytes ?? 0) },
    });
    expect(await serve('digits', bad)).toMatchObject({ phase: 'failed', reason: 'file_differs' });
  });
});

describe('a keybroker that is gone', () => {
  it('takes the weights with it when the lease is over', async () => {
    await serve('digits', await approved(kerasModel));
    await scene.broker.close();
    expect(await reach('digits', 'failed')).toMatchObject({ phase: 'failed', reason: 'lease_expired' });
    await expect(client.infer(worker.url, 'digits', [image()])).rejects.toMatchObject({
      code: 'model_not_ready',
    });
    await scene.start();
  });
});

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
