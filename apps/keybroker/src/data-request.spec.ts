import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requestKeys } from '@castellan/keybroker-client';
import type { Purpose } from '@castellan/contracts';
import {
  bytesOf,
  BrokerScene,
  codeOf,
  reasonsOf,
  Signer,
  type Process,
  type SeededDataset,
} from './testing.js';
import { dataDecision, dataRequest, seedTask } from './testing-data-requests.js';

let scene: BrokerScene;
let api: Process;
let jobs: Process;
let dataset: SeededDataset;

beforeAll(async () => {
  scene = await BrokerScene.open();
  api = await scene.enroll('api');
  jobs = await scene.enroll('jobs');
  await scene.sequence();
  await api.client.honour(scene.officer.sign(scene.certificate(scene.rita)));
  dataset = await scene.seedDataset(api);
});
afterAll(() => scene[Symbol.asyncDispose]());

const ask = (purpose: Purpose, task: { id: string }, by: Process = purpose === 'export' ? api : jobs) =>
  requestKeys(by.client, { purpose, subject: { kind: 'task', id: task.id }, peer: by.peer });
const db = () => scene.test.database.client;

describe('work on a protected table', () => {
  it('gets the table’s key for what was asked, and its result’s key is handed out', async () => {
    const task = await seedTask(scene, api, dataset);
    const work = await ask('classify', task);
    expect(bytesOf(work.keys.get(dataset.dataKeyId)).equals(dataset.dataKey)).toBe(true);
    const result = await ask('export', task);
    expect(bytesOf(result.keys.get(task.dataKeyId)).equals(task.dataKey)).toBe(true);
    expect(result.release.files).toMatchObject([{ path: `${task.digest}.result` }]);
    const rows = await db().auditEntry.findMany({ where: { resourceId: task.id } });
    expect(rows.map(({ event }) => JSON.parse(event).details.purpose)).toEqual(['classify', 'export']);
  });

  it('belongs to jobs, its result to the api, and neither to another subject', async () => {
    const task = await seedTask(scene, api, dataset);
    expect(await reasonsOf(ask('classify', task, api))).toEqual(['purpose_not_permitted']);
    expect(await reasonsOf(ask('export', task, jobs))).toEqual(['purpose_not_permitted']);
    expect(await reasonsOf(ask('measure', task))).toEqual(['purpose_not_permitted']);
    expect(await codeOf(ask('classify', { id: dataset.id }))).toBe('task_unknown');
  });
});

describe('somebody who writes the database', () => {
  it.each([
    ['another dataset', { datasetId: '00000000-0000-7000-8000-000000000000' }],
    ['another table', { table: 'ab'.repeat(32) }],
    ['another declaration', { declaration: 'ab'.repeat(32) }],
    ['another project', { project: 'elsewhere' }],
    ['another organisation', { organization: 'elsewhere' }],
    ['work that nobody knows', { kind: 'read' }],
  ])('gets no key with a request about %s', async (_, changes) => {
    const task = await seedTask(scene, api, dataset, changes);
    expect(await reasonsOf(ask('classify', task))).toEqual(['request_differs']);
    expect(await reasonsOf(ask('export', task))).toEqual(['request_differs']);
  });

  it('gets no table whose declaration was exchanged', async () => {
    const own = await scene.seedDataset(api);
    const task = await seedTask(scene, api, own);
    const declaration = own.declaration.replace(scene.project, 'elsewhere');
    await db().dataset.update({ where: { id: own.id }, data: { declaration } });
    expect(await reasonsOf(ask('classify', task))).toEqual(['request_differs']);
  });

  it('gets no result by another request’s text: its key was made for the one that was asked', async () => {
    const task = await seedTask(scene, api, dataset);
    const request = dataRequest(scene, dataset);
    await db().datasetTask.update({ where: { id: task.id }, data: { request } });
    expect(await codeOf(ask('export', task))).toBe('key_unusable');
    const digest = createHash('sha256').update(request).digest('hex');
    await db().datasetTask.update({ where: { id: task.id }, data: { digest } });
    expect(await codeOf(ask('export', task))).toBe('key_unusable');
  });
});

describe('a signed rejection of work', () => {
  it('stops it, and its result, though the database forgets the rejection', async () => {
    const task = await seedTask(scene, api, dataset);
    expect(await api.client.evaluateData(task.id)).toMatchObject({ allowed: true, reasons: [] });
    await api.client.honour(scene.rita.sign(dataDecision(scene, task.digest, 'rita', 'reject')));
    expect(await reasonsOf(ask('classify', task))).toEqual(['request_rejected']);
    expect(await reasonsOf(ask('export', task))).toEqual(['request_rejected']);
    expect(await api.client.evaluateData(task.id)).toMatchObject({
      allowed: false,
      reasons: [{ code: 'request_rejected' }],
    });
  });
});

describe('a masked copy', () => {
  const masked = { kind: 'mask' };
  const sign = async (digest: string, by = scene.rita, name = 'rita') => {
    const envelope = by.sign(dataDecision(scene, digest, name));
    await scene.insertDocument(envelope, 'data-approval');
    return envelope;
  };

  it('has its keys released, and its result handed out, when a second person has signed; the log says whose', async () => {
    const task = await seedTask(scene, api, dataset, masked);
    expect(await reasonsOf(ask('mask', task))).toEqual(['quorum_not_met']);
    expect(await reasonsOf(ask('export', task))).toEqual(['quorum_not_met']);
    await sign(task.digest);
    await ask('mask', task);
    await ask('export', task);
    const rows = await db().auditEntry.findMany({ where: { resourceId: task.id } });
    const released = rows
      .map(({ event }) => JSON.parse(event))
      .filter(({ decision }) => decision === 'allow');
    const approvals = released.map(({ details }) => details.approvals);
    expect(approvals).toEqual([[expect.any(String)], [expect.any(String)]]);
  });

  it('is not released for the signature of who asked for it, of a stranger, or about another request', async () => {
    const task = await seedTask(scene, api, dataset, { ...masked, requester: 'rita' });
    await sign(task.digest);
    expect(await reasonsOf(ask('mask', task))).toEqual(['requester_may_not_approve', 'quorum_not_met']);
    const other = await seedTask(scene, api, dataset, masked);
    await sign(other.digest, new Signer('mallory'), 'mallory');
    expect(await reasonsOf(ask('mask', other))).toEqual(['reviewer_untrusted', 'quorum_not_met']);
    const [document] = await db().trustDocument.findMany({ where: { subject: task.digest } });
    await db().trustDocument.update({
      where: { digest: document?.digest ?? '' },
      data: { subject: other.digest },
    });
    expect(await reasonsOf(ask('mask', other))).toContain('approval_for_other_digest');
  });

  it('is not made for the key of another kind of work, and stops when the signature is taken back', async () => {
    const task = await seedTask(scene, api, dataset, masked);
    await sign(task.digest);
    expect(await reasonsOf(ask('classify', task))).toEqual(['request_differs']);
    const [document] = await db().trustDocument.findMany({ where: { subject: task.digest } });
    await api.client.honour(scene.rita.sign(scene.revocation(document?.digest ?? '', 'rita')));
    expect(await reasonsOf(ask('export', task))).toEqual(['approval_revoked', 'quorum_not_met']);
  });

  it('is not weakened by whoever rewrites its request after it was signed', async () => {
    const task = await seedTask(scene, api, dataset, masked);
    await sign(task.digest);
    const request = dataRequest(scene, dataset, { ...masked, columns: 'all in clear' });
    await db().datasetTask.update({ where: { id: task.id }, data: { request } });
    expect(await reasonsOf(ask('mask', task))).toEqual(['quorum_not_met']);
  });
});

describe('a higher limit of a privacy ledger', () => {
  const rolf = new Signer('rolf');
  const raise = { kind: 'budget', purpose: 'A second year.', share: { kind: 'dataset' }, epsilonLimit: '5' };
  beforeAll(async () => void (await api.client.honour(scene.officer.sign(scene.certificate(rolf)))));
  const sign = (digest: string, by: Signer) =>
    scene.insertDocument(by.sign(dataDecision(scene, digest, by.name)), 'data-approval');
  const declarationOf = ({ declaration }: SeededDataset) =>
    createHash('sha256').update(declaration).digest('hex');
  const raises = (of: SeededDataset) => jobs.client.budgetRaises(of.id, declarationOf(of));

  it('takes as many signatures as leading a masked value back does', async () => {
    const task = await seedTask(scene, api, dataset, { kind: 'reidentify' });
    await sign(task.digest, scene.rita);
    expect(await reasonsOf(ask('reidentify', task))).toEqual(['quorum_not_met']);
    expect(await reasonsOf(ask('export', task))).toEqual(['quorum_not_met']);
    await sign(task.digest, rolf);
    await ask('reidentify', task);
    await ask('export', task);
    expect(await reasonsOf(ask('mask', task))).toEqual(['request_differs']);
    expect(await reasonsOf(ask('reidentify', task, api))).toEqual(['purpose_not_permitted']);
  });

  it('is granted on the signatures of two others, once, and for good', async () => {
    const own = await scene.seedDataset(api);
    const task = await seedTask(scene, api, own, raise);
    expect(await reasonsOf(api.client.raiseBudget(task.id))).toEqual(['quorum_not_met']);
    await sign(task.digest, scene.rita);
    expect(await reasonsOf(api.client.raiseBudget(task.id))).toEqual(['quorum_not_met']);
    expect(await raises(own)).toEqual([]);
    await sign(task.digest, rolf);
    const granted = await api.client.raiseBudget(task.id);
    expect(granted).toMatchObject({ request: task.digest, share: raise.share, epsilonLimit: '5' });
    expect(granted.approvals).toHaveLength(2);
    expect(await api.client.raiseBudget(task.id)).toEqual(granted);
    expect(await raises(own)).toEqual([granted]);
    const { client } = scene.test.database;
    await client.datasetTask.delete({ where: { id: task.id } });
    await client.trustDocument.deleteMany({ where: { subject: task.digest } });
    await scene.broker.close();
    await scene.start();
    [api, jobs] = [await scene.enroll('api'), await scene.enroll('jobs')];
    expect(await raises(own)).toEqual([granted]);
    expect((await scene.actions()).filter((action) => action === 'budget.raised')).toHaveLength(1);
  });

  it('is not granted when the one who asks is one of the two, or one signs with two names', async () => {
    const task = await seedTask(scene, api, dataset, { ...raise, requester: 'rita' });
    await sign(task.digest, scene.rita);
    await sign(task.digest, rolf);
    expect(await reasonsOf(api.client.raiseBudget(task.id))).toEqual([
      'requester_may_not_approve',
      'quorum_not_met',
    ]);
    const other = await seedTask(scene, api, dataset, raise);
    await sign(other.digest, rolf);
    await sign(other.digest, rolf);
    expect(await reasonsOf(api.client.raiseBudget(other.id))).toEqual(['quorum_not_met']);
  });

  it('is not more than was signed, not of another dataset, and nothing but a raise', async () => {
    const task = await seedTask(scene, api, dataset, raise);
    await sign(task.digest, scene.rita);
    await sign(task.digest, rolf);
    const { client } = scene.test.database;
    const request = dataRequest(scene, dataset, { ...raise, epsilonLimit: '500' });
    await client.datasetTask.update({ where: { id: task.id }, data: { request } });
    expect(await reasonsOf(api.client.raiseBudget(task.id))).toEqual(['quorum_not_met']);
    const own = await scene.seedDataset(api);
    const moved = await seedTask(scene, api, dataset, raise);
    await client.datasetTask.update({ where: { id: moved.id }, data: { datasetId: own.id } });
    expect(await reasonsOf(api.client.raiseBudget(moved.id))).toEqual(['request_differs']);
    const masked = await seedTask(scene, api, dataset, { kind: 'mask' });
    await sign(masked.digest, scene.rita);
    expect(await reasonsOf(api.client.raiseBudget(masked.id))).toEqual(['request_differs']);
    expect(await raises(dataset)).toEqual([]);
  });

  it('is lowered on no signature, and by nothing that was signed before is it raised again', async () => {
    const own = await scene.seedDataset(api);
    const granted = await seedTask(scene, api, own, raise);
    const pending = await seedTask(scene, api, own, { ...raise, epsilonLimit: '8' });
    for (const { digest } of [granted, pending]) {
      await sign(digest, scene.rita);
      await sign(digest, rolf);
    }
    await api.client.raiseBudget(granted.id);
    const lowering = await seedTask(scene, api, own, { ...raise, kind: 'lower', epsilonLimit: '1' });
    expect(await api.client.raiseBudget(lowering.id)).toMatchObject({ lowers: true, epsilonLimit: '1' });
    const kept = await raises(own);
    expect(kept.map(({ epsilonLimit, lowers = false }) => [epsilonLimit, lowers])).toEqual([
      ['5', false],
      ['1', true],
    ]);
    // Replayed, the one changes nothing; the other was signed before and comes too late.
    expect(await api.client.raiseBudget(granted.id)).toMatchObject({ epsilonLimit: '5' });
    expect(await reasonsOf(api.client.raiseBudget(pending.id))).toEqual(['limit_lowered']);
    expect(await raises(own)).toEqual(kept);
    const anew = await seedTask(scene, api, own, { ...raise, lowerings: 1 });
    expect(await reasonsOf(api.client.raiseBudget(anew.id))).toEqual(['quorum_not_met']);
    await sign(anew.digest, scene.rita);
    await sign(anew.digest, rolf);
    expect(await api.client.raiseBudget(anew.id)).toMatchObject({ epsilonLimit: '5' });
    expect(await reasonsOf(ask('classify', lowering))).toEqual(['request_differs']);
    expect(await scene.actions()).toContain('budget.lowered');
  });

  it('is in what the dataset is accounted for, and in nothing else', async () => {
    const { epsilonLimit: rhoLimit, ...inRho } = { ...raise };
    const own = await scene.seedDataset(api, 'zcdp');
    const signed = async (of: SeededDataset, body: object) => {
      const task = await seedTask(scene, api, of, body);
      await sign(task.digest, scene.rita);
      await sign(task.digest, rolf);
      return api.client.raiseBudget(task.id);
    };
    expect(await reasonsOf(signed(own, raise))).toEqual(['request_differs']);
    expect(await reasonsOf(signed(own, { ...raise, rhoLimit }))).toEqual(['request_differs']);
    expect(await reasonsOf(signed(own, inRho))).toEqual(['request_differs']);
    expect(await reasonsOf(signed(dataset, { ...inRho, rhoLimit }))).toEqual(['request_differs']);
    expect(await signed(own, { ...inRho, rhoLimit })).toMatchObject({ rhoLimit: '5' });
    expect(await raises(own)).toMatchObject([{ rhoLimit: '5' }]);
  });

  it('lets no key out, and is asked for by the api alone', async () => {
    const task = await seedTask(scene, api, dataset, raise);
    await sign(task.digest, scene.rita);
    await sign(task.digest, rolf);
    expect(await reasonsOf(ask('classify', task))).toEqual(['request_differs']);
    await expect(jobs.client.raiseBudget(task.id)).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
