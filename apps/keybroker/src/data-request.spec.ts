import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requestKeys } from '@castellan/keybroker-client';
import type { Purpose } from '@castellan/contracts';
import { bytesOf, BrokerScene, codeOf, reasonsOf, type Process, type SeededDataset } from './testing.js';
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
