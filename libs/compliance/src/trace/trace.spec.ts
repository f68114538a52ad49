import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approvalPayload } from '@castellan/approval-policy';
import type { AuditEvent } from '@castellan/audit';
import { Trace } from '@castellan/contracts';
import { IN_TOTO_PAYLOAD_TYPE, signEnvelope } from '@castellan/dsse';
import { ComplianceStand } from '../testing/compliance-stand.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const mine = randomUUID();
const digest = sha256('digits@1');
const policyDigest = sha256('policy');

describe('a trace', () => {
  let stand: ComplianceStand;
  let auditor: string;
  let versionId: string;
  let deploymentId: string;
  beforeAll(async () => {
    stand = await ComplianceStand.start();
    auditor = await stand.key(mine, 'auditor');
    const { client } = stand.test.database;
    const project = await client.project.create({ data: { organizationId: mine, name: 'default' } });
    const model = await client.model.create({
      data: { organizationId: mine, projectId: project.id, name: 'digits' },
    });
    const scan = { report: '{}', digest: sha256('scan'), verdict: 'clean' };
    const file = { path: 'm.onnx', sizeBytes: 1n, sha256: sha256('file'), blobKey: 'b', dataKeyId: 'd' };
    const version = await client.version.create({
      data: {
        ...{
          modelId: model.id,
          number: 1,
          stage: 'candidate',
          authorId: 'ada-id',
          authorName: 'ada',
          digest,
        },
        files: { create: file },
        scanReports: { create: scan },
      },
    });
    versionId = version.id;
    const rows = {
      organizationId: mine,
      projectId: project.id,
      versionId,
      desired: 'running',
      createdById: 'x',
    };
    deploymentId = (await client.deployment.create({ data: { ...rows, name: 'digits' } })).id;
    const now = new Date();
    const payload = approvalPayload(
      { name: 'digits@1', versionDigest: digest },
      {
        ...{ decision: 'approve', organization: 'acme', project: 'default', person: 'rita', policyDigest },
        evidence: [{ kind: 'scan', sha256: scan.digest, verdict: 'clean' }],
        ...{ reason: 'looked at it', issuedAt: now.toISOString(), nonce: randomUUID() },
        expiresAt: new Date(now.getTime() + 86_400_000).toISOString(),
      },
    );
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const envelope = JSON.stringify(signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, privateKey));
    await client.trustDocument.create({
      data: {
        digest: sha256(Buffer.from(payload).toString()),
        organizationId: mine,
        kind: 'approval',
        subject: digest,
        envelope,
        submittedById: 'x',
      },
    });
    await stand.record([
      {
        action: 'key.released',
        actor: { kind: 'process', name: 'keybroker' },
        resource: { kind: 'version', id: versionId },
        decision: 'allow',
      },
      ...Array.from({ length: 12 }, (_, n): AuditEvent => ({
        action: 'prediction.served',
        actor: { kind: 'person', id: 'till-id', name: 'till' },
        organizationId: mine,
        resource: { kind: 'deployment', id: deploymentId, digest: n < 11 ? digest : sha256('another') },
        decision: 'allow',
        details: {
          name: 'digits',
          version: 'digits@1',
          inputDigest: sha256(`i${n}`),
          outputDigest: sha256(`o${n}`),
        },
      })),
    ]);
  }, 60_000);
  afterAll(() => stand.close());

  const trace = async (key: string, path: string) => stand.call(key, 'GET', `../trace/${path}`);
  const read = async (path: string): Promise<Trace> => Trace.parse(await (await trace(auditor, path)).json());
  const kindsFrom = ({ nodes, edges }: Trace, from: string) =>
    edges
      .filter((edge) => edge.from === from)
      .map(({ to }) => nodes.find(({ id }) => id === to)?.kind)
      .sort();

  it('leads from a prediction to its version, who asked, the scan, the approval, its policy and the key', async () => {
    const { records } = await stand.reader.search({
      organizationId: mine,
      action: 'prediction.served',
      text: digest,
      limit: 1,
    });
    const found = await read(`prediction/${records[0]?.eventId}`);
    expect(kindsFrom(found, found.subject)).toEqual(['deployment', 'person']);
    expect(kindsFrom(found, `deployment:${deploymentId}`)).toEqual(['version']);
    expect(kindsFrom(found, `version:${versionId}`)).toEqual([
      'approval',
      'file',
      'key-release',
      'person',
      'scan',
    ]);
    const approval = found.nodes.find(({ kind }) => kind === 'approval');
    expect(approval).toMatchObject({ label: 'approve · rita', detail: 'looked at it' });
    expect(kindsFrom(found, approval?.id ?? '')).toEqual(['policy']);
  });

  it.each(['version/digits@1', `version/${digest}`, 'deployment/digits'])(
    'leads from %s to every prediction that rests on it, and to no other',
    async (path) => {
      const found = await read(path);
      expect(found).toMatchObject({ predictions: '11', more: false });
      const shown = found.nodes.filter(({ kind }) => kind === 'prediction');
      expect(shown).toHaveLength(10);
      for (const { id } of shown) expect(kindsFrom(found, id)).toEqual(['deployment']);
    },
  );

  it('leads from a prediction back to the table that its model was trained on, and from the table forward', async () => {
    const { client } = stand.test.database;
    const { id: projectId } = await client.project.findFirstOrThrow({ where: { organizationId: mine } });
    const { id: modelId } = await client.model.findFirstOrThrow({ where: { organizationId: mine } });
    const model = sha256('trained');
    const of = (path: string, of: string) => ({
      path,
      sizeBytes: 1n,
      sha256: of,
      blobKey: path,
      dataKeyId: 'd',
    });
    const trained = sha256('digits@2');
    const version = await client.version.create({
      data: {
        ...{ modelId, number: 2, stage: 'candidate', authorId: 'ada-id', authorName: 'ada', digest: trained },
        files: { create: [of('model.h5', model), of('privacy-card.json', sha256('card'))] },
      },
    });
    const deployment = await client.deployment.create({
      data: {
        ...{ organizationId: mine, projectId, versionId: version.id, desired: 'running', createdById: 'x' },
        name: 'digits-private',
      },
    });
    const dataset = await client.dataset.create({
      data: {
        ...{ organizationId: mine, projectId, name: 'visits', stewardId: 'x', state: 'sealed' },
        ...{ declaration: '{}', declarationDigest: sha256('declaration') },
      },
    });
    const tunedFile = sha256('tuned');
    const tuned = await client.version.create({
      data: {
        ...{ modelId, number: 3, stage: 'candidate', authorId: 'ada-id', authorName: 'ada' },
        digest: sha256('digits@3'),
        files: { create: [of('model.h5', tunedFile), of('privacy-card.json', sha256('another card'))] },
      },
    });
    const release = (answer: string, ref: string, baseDigest?: string): AuditEvent => ({
      action: 'privacy.released',
      actor: { kind: 'process', name: 'jobs' },
      organizationId: mine,
      resource: { kind: 'dataset', id: dataset.id },
      decision: 'allow',
      details: {
        entry: randomUUID(),
        epsilon: '1',
        answer,
        card: { version: ref, ...(baseDigest && { baseDigest }) },
      },
    });
    await stand.record([
      release(model, 'digits@2'),
      release(sha256('claimed'), 'digits@1'),
      release(tunedFile, 'digits@3', trained),
      release(sha256('not its file'), 'digits@1', trained),
      {
        action: 'prediction.served',
        actor: { kind: 'person', id: 'till-id', name: 'till' },
        organizationId: mine,
        resource: { kind: 'deployment', id: deployment.id, digest: trained },
        decision: 'allow',
        details: { name: 'digits-private', version: 'digits@2', inputDigest: 'i', outputDigest: 'o' },
      },
    ]);
    const forward = await read('dataset/visits');
    expect(forward.predictions).toBe('1');
    const versions = forward.nodes.filter(({ kind }) => kind === 'version').map(({ label }) => label);
    expect(versions).toEqual(['digits@3', 'digits@2']);
    const goesOn = { from: `version:${tuned.id}`, to: `version:${version.id}`, relation: 'fine-tuned from' };
    for (const path of ['version/digits@2', 'version/digits@3', 'dataset/visits'])
      expect((await read(path)).edges).toContainEqual(goesOn);
    const prediction = forward.nodes.find(({ kind }) => kind === 'prediction');
    const back = await read(`prediction/${prediction?.eventId}`);
    expect(back.edges).toContainEqual({
      from: back.nodes.find(({ kind }) => kind === 'release')?.id,
      to: `dataset:${dataset.id}`,
      relation: 'answers from',
    });
    expect(kindsFrom(back, `version:${version.id}`)).toContain('release');
    expect(kindsFrom(await read('version/digits@1'), `version:${versionId}`)).not.toContain('release');
  });

  it('leads through masked copies, synthetic tables and pipelines, forward and back', async () => {
    const { client } = stand.test.database;
    const { id: projectId } = await client.project.findFirstOrThrow({ where: { organizationId: mine } });
    const { id: modelId } = await client.model.findFirstOrThrow({ where: { organizationId: mine } });
    const [copy, model, synthetic] = [sha256('masked'), sha256('from-masked'), sha256('synthetic')];
    const table = (name: string, holds: string) =>
      client.dataset.create({
        data: {
          ...{ organizationId: mine, projectId, name, stewardId: 'x', state: 'sealed', sha256: holds },
          ...{ declaration: '{}', declarationDigest: sha256(name) },
        },
      });
    const [raw, masked] = [await table('raw', sha256('raw')), await table('masked', copy)];
    const file = (path: string, of: string) => ({
      path,
      sizeBytes: 1n,
      sha256: of,
      blobKey: `m/${path}`,
      dataKeyId: 'd',
    });
    const version = await client.version.create({
      data: {
        ...{
          modelId,
          number: 4,
          stage: 'candidate',
          authorId: 'ada-id',
          authorName: 'ada',
          digest: sha256('digits@4'),
        },
        files: { create: [file('model.h5', model), file('privacy-card.json', sha256('card3'))] },
      },
    });
    const said = (action: string, datasetId: string, details: AuditEvent['details']): AuditEvent => ({
      action,
      actor: { kind: 'process', name: 'jobs' },
      organizationId: mine,
      resource: { kind: 'dataset', id: datasetId },
      decision: 'allow',
      ...(details && { details }),
    });
    const [task, entry, request] = [randomUUID(), randomUUID(), sha256('pipeline')];
    const step = (position: number, output: string) =>
      said('dataset.pipeline-step', raw.id, { task: 'pipe', request, position, step: 'x', output });
    await stand.record([
      said('dataset.masked', raw.id, {
        ...{
          task,
          request: sha256('mask'),
          table: sha256('raw'),
          result: copy,
          rows: 90,
          suppressedRows: 1,
          k: 5,
        },
      }),
      said('privacy.released', raw.id, {
        entry,
        epsilon: '1',
        answer: synthetic,
        card: { method: 'MST: …' },
      }),
      step(0, randomUUID()),
      step(1, task),
      step(2, entry),
      said('privacy.released', masked.id, {
        ...{ entry: randomUUID(), epsilon: '1', answer: model, card: { version: 'digits@4' } },
      }),
    ]);
    const forward = await read('dataset/raw');
    const kind = (of: string) => forward.nodes.find((node) => node.kind === of)?.id ?? of;
    expect(forward.nodes.filter((node) => node.kind === 'pipeline')).toHaveLength(1);
    expect(forward.edges).toEqual(
      expect.arrayContaining([
        { from: kind('masked-copy'), to: `dataset:${raw.id}`, relation: 'masked from' },
        { from: kind('synthetic-table'), to: `dataset:${raw.id}`, relation: 'answers from' },
        { from: kind('masked-copy'), to: kind('pipeline'), relation: 'step of' },
        { from: kind('synthetic-table'), to: kind('pipeline'), relation: 'step of' },
        { from: `dataset:${masked.id}`, to: kind('masked-copy'), relation: 'holds' },
        { from: kind('release'), to: `dataset:${masked.id}`, relation: 'answers from' },
        { from: `version:${version.id}`, to: kind('release'), relation: 'trained by' },
      ]),
    );
    const back = await read('version/digits@4');
    for (const id of [`dataset:${masked.id}`, kind('masked-copy'), `dataset:${raw.id}`])
      expect(back.nodes.map((node) => node.id)).toContain(id);
    expect(back.nodes.some((node) => node.kind === 'synthetic-table')).toBe(false);
  });

  it('tells nothing of another organization, and nothing to those who may not read its log', async () => {
    const stranger = await stand.key(randomUUID(), 'auditor');
    for (const path of ['version/digits@1', `version/${digest}`, 'deployment/digits'])
      expect((await trace(stranger, path)).status).toBe(404);
    const { records } = await stand.reader.search({ organizationId: mine, action: 'prediction', limit: 1 });
    expect((await trace(stranger, `prediction/${records[0]?.eventId}`)).status).toBe(404);
    expect((await trace(await stand.key(mine, 'author'), 'version/digits@1')).status).toBe(403);
    expect((await trace(auditor, 'nonsense/x')).status).toBe(400);
  });
});
