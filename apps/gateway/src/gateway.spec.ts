import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tensorsDigest } from '@castellan/serving';
import { encodeInferRequest, decodeInferResponse, tensor } from '@castellan/tensors';
import { echoing, summing } from './testing/doubled-models.js';
import { GatewayStand, type StandingDeployment } from './testing/gateway-stand.js';

const row = [1, 2, 3, 4];

/** Polls until `look` gives something; the suite's own time limit ends it otherwise. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(50);
  }
}

describe('the gateway', () => {
  let stand: GatewayStand;
  let sums: StandingDeployment;
  let waiting: StandingDeployment;
  let key: string;
  let strangerKey: string;

  beforeAll(async () => {
    stand = await GatewayStand.start();
    const ours = await stand.organization('ours');
    const theirs = await stand.organization('theirs');
    sums = await stand.deploy(ours, 'sums', summing('sums'));
    waiting = await stand.deploy(ours, 'waiting', summing('waiting'));
    const echo = await stand.deploy(ours, 'echo', echoing('echo'));
    stand.approve(sums.versionId);
    stand.approve(echo.versionId);
    key = await stand.key(ours.id, ['consumer']);
    strangerKey = await stand.key(theirs.id, ['consumer', 'admin']);
    for (const name of ['sums', 'echo']) await untilStatus(name, 200);
    await untilStatus('waiting', 403);
  });
  afterAll(() => stand.close());

  function call(path: string, init: RequestInit & { as?: string } = {}): Promise<Response> {
    const { as = key, headers, ...rest } = init;
    const authorization = as === '' ? {} : { authorization: `Bearer ${as}` };
    return fetch(new URL(path, stand.gateway.url), { ...rest, headers: { ...authorization, ...headers } });
  }

  async function predict(body: unknown, as = key) {
    const init = { method: 'POST', body: JSON.stringify(body), as };
    const response = await call('/api/predict', { ...init, headers: { 'content-type': 'application/json' } });
    const answer: Record<string, unknown> = JSON.parse(await response.text());
    return { status: response.status, headers: response.headers, body: answer };
  }

  async function untilStatus(model: string, status: number): Promise<void> {
    await until(async () => ((await call(`/v2/models/${model}/ready`)).status === status ? true : undefined));
  }

  const lastEvent = async () => (await stand.predictionEvents()).at(-1);

  describe('by the one-call API', () => {
    it('answers rows with rows, and says which version did', async () => {
      expect(await predict({ model: 'sums', input: [row, [0, 0, 0, 0.5]] })).toMatchObject({
        status: 200,
        body: {
          output: [
            [10, 20],
            [0.5, 1],
          ],
          model: 'sums',
          version: 1,
          versionDigest: summing('sums').versionDigest,
        },
      });
    });

    it('answers one row with one row, and named inputs likewise', async () => {
      expect((await predict({ model: 'sums', input: row })).body).toMatchObject({ output: [10, 20] });
      expect((await predict({ model: 'sums', input: { pixels: [row] } })).body).toMatchObject({
        output: [[10, 20]],
      });
    });

    it('answers several outputs by name', async () => {
      const input = { words: ['château', ''], counts: [[1, 2]] };
      expect((await predict({ model: 'echo', input })).body).toMatchObject({ output: input });
    });

    it('needs no model name from a key that reaches one deployment, and asks the others for it', async () => {
      const limited = await stand.key(sums.organizationId, ['consumer'], ['sums']);
      expect((await predict({ input: row }, limited)).body).toMatchObject({ output: [10, 20] });
      expect(await predict({ input: row })).toMatchObject({
        status: 400,
        body: { code: 'model_ambiguous', detail: 'Say which "model" you mean: "echo", "sums", "waiting".' },
      });
    });

    it('reads JSON whatever content type it is said to have', async () => {
      const body = JSON.stringify({ model: 'sums', input: [row] });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const response = await call('/api/predict', { method: 'POST', body, headers });
      expect(await response.json()).toMatchObject({ output: [[10, 20]] });
    });

    it.each([
      ['{"model":"sums","input":[[1,2,3]]}', 'tensor_shape_mismatch', /"pixels".*\[-1, 4\].*\[1, 3\]/],
      ['{"model":"sums","input":[["a",2,3,4]]}', 'tensor_value_invalid', /"pixels".*a string.*FP32/],
      ['{"model":"sums"}', 'input_malformed', /no "input"/],
      ['{"model":"echo","input":[1]}', 'input_malformed', /2 inputs.*"words".*"counts"/],
      ['{"model":"sums","input":[[1,2,3', 'input_malformed', /not JSON/],
      ['', 'input_malformed', /not JSON/],
      ['[]', 'input_malformed', /expected object/],
    ])('refuses %s and says what was wanted', async (body, code, detail) => {
      const response = await call('/api/predict', { method: 'POST', body });
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await response.json()).toMatchObject({ code, detail: expect.stringMatching(detail) });
    });
  });

  it('unpacks a body no further than its limit', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, 0x20));
    const response = await call('/v2/models/sums/infer', {
      method: 'POST',
      body: new Blob([bomb]),
      headers: { 'content-encoding': 'gzip' },
    });
    expect(response.status).toBe(413);
    const torn = await call('/v2/models/sums/infer', {
      method: 'POST',
      body: new Blob([bomb.subarray(0, 99)]),
      headers: { 'content-encoding': 'gzip' },
    });
    expect([torn.status, await torn.json()]).toEqual([
      400,
      { error: expect.stringMatching(/^input_malformed/) },
    ]);
  });

  describe('when somebody may not', () => {
    it('answers another organisation as if there were no such deployment', async () => {
      const there = await predict({ model: 'sums', input: row }, strangerKey);
      const nowhere = await predict({ model: 'none', input: row }, strangerKey);
      expect(there).toMatchObject({ status: 404, body: { code: 'deployment_unknown' } });
      const { requestId: _, ...said } = there.body;
      const { requestId: __, ...saidOfNone } = nowhere.body;
      expect(JSON.parse(JSON.stringify(said).replaceAll('sums', 'none'))).toEqual(saidOfNone);
      for (const path of ['', '/ready', '/versions/1', '/versions/7/ready']) {
        const [one, other] = await Promise.all(
          ['sums', 'none'].map((name) => call(`/v2/models/${name}${path}`, { as: strangerKey })),
        );
        expect(one?.status).toBe(404);
        expect((await one?.text())?.replaceAll('sums', 'none')).toBe(await other?.text());
      }
    });

    it('limits a key to its deployments, there or not', async () => {
      const limited = await stand.key(sums.organizationId, ['consumer'], ['sums']);
      for (const model of ['echo', 'none']) {
        expect(await predict({ model, input: row }, limited)).toMatchObject({
          status: 403,
          body: { code: 'not_permitted', detail: 'This key is limited to other deployments.' },
        });
      }
    });

    it('asks for a role that may predict', async () => {
      const auditor = await stand.key(sums.organizationId, ['auditor']);
      expect(await predict({ model: 'sums', input: row }, auditor)).toMatchObject({ status: 403 });
    });

    it('answers 401 without a good key, and a revoked one is no good at once', async () => {
      expect(await predict({ model: 'sums', input: row }, '')).toMatchObject({ status: 401 });
      expect((await call('/v2/models/sums', { as: 'cst_nonsense' })).status).toBe(401);
      const spent = await stand.key(sums.organizationId, ['consumer'], ['sums']);
      expect(await predict({ input: row }, spent)).toMatchObject({ status: 200 });
      await stand.test.database.client.credential.updateMany({
        where: { deployments: { has: 'sums' } },
        data: { revokedAt: new Date() },
      });
      await until(async () => ((await predict({ input: row }, spent)).status === 401 ? true : undefined));
    });
  });

  describe('when the version is not approved', () => {
    it('says so in the words of the keybroker, everywhere', async () => {
      const detail = '"waiting" may not be served. Version waiting@1 has 0 of 1 required reviewer approvals.';
      const refused = await predict({ model: 'waiting', input: row });
      expect(refused).toMatchObject({ status: 403, body: { code: 'not_approved', detail } });
      expect(refused.body['meta']).toEqual({
        reasons: [
          { code: 'quorum_missing', detail: 'Version waiting@1 has 0 of 1 required reviewer approvals.' },
        ],
      });
      const infer = await call('/v2/models/waiting/infer', { method: 'POST', body: '{}' });
      expect([infer.status, await infer.json()]).toEqual([403, { error: `not_approved: ${detail}` }]);
    });

    it('serves it once it is approved, without being told', async () => {
      stand.approve(waiting.versionId);
      await untilStatus('waiting', 200);
      expect(await predict({ model: 'waiting', input: row })).toMatchObject({ status: 200 });
    });

    it('refuses the very next prediction after the worker lost its lease', async () => {
      stand.revoke(waiting.versionId, 'Approval 1 of version waiting@1 was revoked.');
      expect(await predict({ model: 'waiting', input: row })).toMatchObject({
        status: 403,
        body: { code: 'not_approved', detail: expect.stringContaining('was revoked') },
      });
    });

    it('writes what it sees where people look', async () => {
      const seen = await until(async () => {
        const status = await stand.test.database.client.deploymentStatus.findUnique({
          where: { deploymentId: waiting.deploymentId },
        });
        return status?.phase === 'refused' ? status : undefined;
      });
      expect(seen).toMatchObject({ reason: 'not_approved', message: expect.stringContaining('was revoked') });
    });
  });

  describe('when a worker or a deployment goes', () => {
    it('places everything anew on a worker that forgot it', async () => {
      stand.worker.forget();
      const gap = await predict({ model: 'sums', input: row });
      if (gap.status !== 200) {
        expect(gap).toMatchObject({ status: 503, body: { code: 'not_ready' } });
        expect(gap.headers.get('retry-after')).toBe('1');
      }
      await untilStatus('sums', 200);
    });

    it('knows a deployment that was made a moment ago', async () => {
      const organization = await stand.organization('late');
      const consumer = await stand.key(organization.id, ['consumer']);
      await stand.deploy(organization, 'late', summing('late'));
      expect((await predict({ model: 'late', input: row }, consumer)).body).toMatchObject({
        code: 'not_approved',
      });
    });

    it('takes a stopped deployment off the worker and out of sight', async () => {
      const organization = await stand.test.database.client.organization.findUniqueOrThrow({
        where: { name: 'ours' },
        include: { projects: true },
      });
      const gone = await stand.deploy(organization, 'gone', summing('gone'));
      stand.approve(gone.versionId);
      await untilStatus('gone', 200);
      await stand.test.database.client.deployment.update({
        where: { id: gone.deploymentId },
        data: { desired: 'stopped' },
      });
      await untilStatus('gone', 404);
      await until(async () => (stand.worker.phaseOf('gone') === undefined ? true : undefined));
      const status = await until(async () => {
        const row = await stand.test.database.client.deploymentStatus.findUnique({
          where: { deploymentId: gone.deploymentId },
        });
        return row?.phase === 'stopped' ? row : undefined;
      });
      expect(status.message).toBeNull();
    });
  });

  describe('by the Open Inference Protocol', () => {
    const inputs = [{ name: 'pixels', datatype: 'FP32', shape: [1, 4], data: [row] }];
    const infer = (model: string, body: unknown) =>
      call(`/v2/models/${model}/infer`, { method: 'POST', body: JSON.stringify(body) });

    it('says what it is and that it is there, to anybody', async () => {
      expect(await (await call('/v2', { as: '' })).json()).toMatchObject({
        extensions: ['binary_tensor_data'],
      });
      for (const path of ['/v2/health/live', '/v2/health/ready', '/livez', '/readyz']) {
        expect((await call(path, { as: '' })).status).toBe(200);
      }
    });

    it('describes a model', async () => {
      for (const path of ['/v2/models/sums', '/v2/models/sums/versions/1']) {
        expect(await (await call(path)).json()).toEqual({
          name: 'sums',
          versions: ['1'],
          platform: 'double',
          ...summing('sums').signature,
        });
      }
      expect((await call('/v2/models/sums/versions/2')).status).toBe(404);
    });

    it('answers JSON with JSON', async () => {
      const response = await infer('sums', { id: 'seven', inputs });
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await response.json()).toEqual({
        model_name: 'sums',
        model_version: '1',
        id: 'seven',
        parameters: { version_digest: summing('sums').versionDigest },
        outputs: [{ name: 'sums', datatype: 'FP32', shape: [1, 2], data: [10, 20] }],
      });
    });

    it('answers binary with binary, without a content type', async () => {
      const words = tensor('words', 'BYTES', [2], [Buffer.from([0xff, 0]), Buffer.from('')]);
      const counts = tensor('counts', 'INT64', [1, 2], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n));
      const parameters = { binary_data_output: true };
      const { body, headerLength } = encodeInferRequest({ parameters, inputs: [counts, words] });
      const response = await call('/v2/models/echo/infer', {
        method: 'POST',
        body: new Blob([Buffer.from(body)]),
        headers: { 'inference-header-content-length': String(headerLength) },
      });
      const length = Number(response.headers.get('inference-header-content-length'));
      const answer = decodeInferResponse({
        body: new Uint8Array(await response.arrayBuffer()),
        headerLength: length,
      });
      expect(answer.outputs.map(({ name }) => name)).toEqual(['words', 'counts']);
      expect(tensorsDigest(answer.outputs)).toBe(tensorsDigest([words, counts]));
    });

    it('answers one raw tensor with binary', async () => {
      const response = await call('/v2/models/sums/infer', {
        method: 'POST',
        body: new Blob([Buffer.from(Float32Array.of(1, 2, 3, 4).buffer)]),
        headers: { 'inference-header-content-length': '0' },
      });
      const length = Number(response.headers.get('inference-header-content-length'));
      const body = new Uint8Array(await response.arrayBuffer());
      expect([...(decodeInferResponse({ body, headerLength: length }).outputs[0]?.data ?? [])]).toEqual([
        10, 20,
      ]);
    });

    it('gives only the outputs that were asked for', async () => {
      const words = { name: 'words', datatype: 'BYTES', shape: [1], data: ['a'] };
      const counts = { name: 'counts', datatype: 'INT64', shape: [1, 2], data: [1, 2] };
      const asked = await infer('echo', { inputs: [words, counts], outputs: [{ name: 'counts' }] });
      expect(await asked.json()).toMatchObject({ outputs: [counts] });
      const unknown = await infer('echo', { inputs: [words, counts], outputs: [{ name: 'letters' }] });
      expect([unknown.status, await unknown.json()]).toEqual([
        400,
        { error: 'input_malformed: There is no output "letters"; the model gives "words", "counts".' },
      ]);
    });

    it.each([
      [
        'sums',
        { inputs: [{ ...inputs[0], shape: [2, 2], data: row }] },
        400,
        /"pixels".*\[-1, 4\].*\[2, 2\]/,
      ],
      ['sums', { inputs: [{ ...inputs[0], datatype: 'INT32' }] }, 400, /"pixels".*FP32.*INT32/],
      ['sums', { inputs: [] }, 400, /"pixels" is missing/],
      ['none', { inputs }, 404, /no deployment "none"/],
    ])('refuses in the form that clients read (%s, %j)', async (model, body, status, error) => {
      const response = await infer(model, body);
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual({ error: expect.stringMatching(error) });
    });
  });

  describe('before it answers', () => {
    it('has recorded a prediction by the digests of what went in and came out', async () => {
      const { headers } = await predict({ model: 'sums', input: [row] });
      expect(await lastEvent()).toMatchObject({
        action: 'prediction.served',
        decision: 'allow',
        organizationId: sums.organizationId,
        resource: { kind: 'deployment', id: sums.deploymentId, digest: summing('sums').versionDigest },
        requestId: headers.get('x-request-id'),
        actor: { kind: 'person', credentialId: expect.any(String), sealed: expect.any(String) },
        details: {
          name: 'sums',
          version: 'sums@1',
          inputDigest: tensorsDigest([tensor('pixels', 'FP32', [1, 4], Float32Array.from(row))]),
          outputDigest: tensorsDigest([tensor('sums', 'FP32', [1, 2], Float32Array.of(10, 20))]),
        },
      });
      expect(JSON.stringify(await lastEvent())).not.toContain('127.0.0.1');
    });

    it('has recorded the same digest for the same input by another surface', async () => {
      const inputs = [{ name: 'pixels', datatype: 'FP32', shape: [1, 4], data: row }];
      await predict({ model: 'sums', input: row });
      const plain = await lastEvent();
      await call('/v2/models/sums/infer', { method: 'POST', body: JSON.stringify({ inputs }) });
      const inferred = await lastEvent();
      expect(inferred?.['id']).not.toBe(plain?.['id']);
      expect(inferred?.['details']).toEqual(plain?.['details']);
    });

    it('has recorded a refusal by its reason, and nothing of the input', async () => {
      await predict({ model: 'sums', input: [['the secret word', 1, 2, 3]] });
      const refused = await lastEvent();
      expect(refused).toMatchObject({
        action: 'prediction.refused',
        decision: 'deny',
        reason: 'tensor_value_invalid',
        resource: { id: sums.deploymentId },
      });
      expect(JSON.stringify(refused)).not.toContain('secret');
    });

    it('has counted it, for Prometheus alone', async () => {
      await predict({ model: 'sums', input: row });
      const text = await (await fetch(new URL('/metrics', stand.gateway.metricsUrl))).text();
      expect(text).toMatch(/castellan_predictions_total\{.*deployment="sums",outcome="served".*\} \d+/);
      expect((await call('/metrics')).status).toBe(404);
    });

    it("has recorded another organisation's attempt without naming ours", async () => {
      await predict({ model: 'sums', input: row }, strangerKey);
      const refused = await lastEvent();
      expect(refused).toMatchObject({ reason: 'deployment_unknown', details: { name: 'sums' } });
      expect(refused).not.toHaveProperty('resource');
      expect(refused?.['organizationId']).not.toBe(sums.organizationId);
    });
  });
});

describe('a gateway whose record can not be written', () => {
  it('hands out no prediction', async () => {
    const stand = await GatewayStand.start();
    try {
      const organization = await stand.organization('ours');
      const { versionId } = await stand.deploy(organization, 'sums', summing('sums'));
      stand.approve(versionId);
      const key = await stand.key(organization.id, ['consumer']);
      const ask = () =>
        fetch(new URL('/api/predict', stand.gateway.url), {
          method: 'POST',
          body: JSON.stringify({ input: row }),
          headers: { authorization: `Bearer ${key}` },
        });
      await stand.untilReady('sums', key);
      expect((await ask()).status).toBe(200);
      await stand.test.database.client.$executeRaw`ALTER TABLE "AuditOutbox" RENAME TO "Elsewhere"`;
      const response = await ask();
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain('output');
    } finally {
      await stand.close();
    }
  });
});

describe('a gateway with little room', () => {
  it('answers 429 and when to come back, while those who are in are served', async () => {
    const stand = await GatewayStand.start({ running: 1, waiting: 1 });
    try {
      let release = (): void => undefined;
      const promise = new Promise<void>((resolve) => (release = resolve));
      const organization = await stand.organization('ours');
      const { versionId } = await stand.deploy(organization, 'slow', summing('slow', promise));
      stand.approve(versionId);
      const key = await stand.key(organization.id, ['consumer']);
      const headers = { authorization: `Bearer ${key}` };
      await stand.untilReady('slow', key);
      const ask = () =>
        fetch(new URL('/api/predict', stand.gateway.url), {
          method: 'POST',
          body: JSON.stringify({ input: row }),
          headers,
        });
      const asked = [ask(), ask(), ask()];
      const refused = await Promise.race(asked);
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await refused.json()).toMatchObject({ code: 'queue_full' });
      release();
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      expect(statuses.sort()).toEqual([200, 200, 429]);
    } finally {
      await stand.close();
    }
  });
});
