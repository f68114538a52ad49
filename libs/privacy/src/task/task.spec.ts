import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CastellanError } from '@castellan/errors';
import type { DatasetDeclaration } from '@castellan/contracts';
import { identityCheckCharacter } from '../classification/checksums.js';
import { ConfirmClassification } from '../classification/confirm-classification.js';
import { showDataset } from '../dataset/show-dataset.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { TaskFloor } from '../testing/task-floor.js';
import { showTask } from './show-task.js';

const declaration: DatasetDeclaration = {
  columns: [
    { name: 'person', type: 'id' },
    { name: '姓名', type: 'id' },
    { name: 'mobile', type: 'id' },
    { name: 'amount', type: 'number', lower: 0, upper: 100, decimals: 0 },
  ],
  privacyUnit: 'person',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 1,
  purpose: 'Whether customers come back.',
  legalBasis: 'Consent of 2026-03.',
  retentionDays: 365,
};
const identity = (serial: number) => {
  const number = `110105${1950 + (serial % 50)}0101${String(serial % 1000).padStart(3, '0')}`;
  return number + identityCheckCharacter(number);
};
const csv = ['person,姓名,mobile,amount']
  .concat(
    Array.from({ length: 300 }, (_, i) => `${identity(i)},王小明,138${String(10_000_000 + i)},${i % 90}`),
  )
  .join('\n');

describe('the classification of a sealed table', () => {
  let floor: PrivacyFloor;
  let work: TaskFloor;
  beforeEach(async () => {
    floor = await PrivacyFloor.open();
    work = new TaskFloor(floor);
  });
  afterEach(() => floor[Symbol.asyncDispose]());

  const sealed = () => floor.sealedDataset('customers', '1', csv, declaration);
  const classify = { kind: 'classify' } as const;

  it('says what each column holds, and keeps samples and counts sealed', async () => {
    const dataset = await sealed();
    const task = await work.run(dataset, classify);
    expect(work.keys).toMatchObject({ purposes: ['classify'], disposed: 1 });
    const { state, progress, summary } = showTask(task);
    expect({ state, progress }).toEqual({ state: 'done', progress: 100 });
    const columns = summary?.kind === 'classify' ? summary.columns : [];
    const kinds = columns.map(({ name, kinds }) => [name, kinds[0]?.kind, kinds[0]?.confidence]);
    expect(kinds).toEqual([
      ['person', 'cn_identity_card', 1],
      ['姓名', 'cn_name', 0.8],
      ['mobile', 'cn_mobile', 0.9],
      ['amount', undefined, undefined],
    ]);
    const evidence = JSON.parse(await work.opened(task));
    expect(evidence.rows).toBe(300);
    expect(evidence.columns[0].findings[0]).toMatchObject({ whole: 300, of: 300 });
    expect(evidence.columns[0].findings[0].evidence[0]).toMatch(/^11•{14}/);
    expect(await floor.recorded(dataset)).toEqual(
      expect.arrayContaining(['dataset.task-requested', 'dataset.classified']),
    );
  });

  it('leaves no sample, count or value in any row, event or file', async () => {
    const dataset = await sealed();
    await work.run(dataset, classify);
    const { client } = floor.database;
    const rows = JSON.stringify(
      [
        await client.datasetTask.findMany(),
        await client.auditOutbox.findMany(),
        await client.dataset.findMany(),
      ],
      (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    );
    const files = await Promise.all(
      (await readdir(floor.folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
    );
    for (const trace of ['王小明', '138100', '•', '"whole"', identity(0)])
      for (const place of [rows, ...files]) expect(place.includes(trace)).toBe(false);
  });

  it('has a result that no other request’s text opens', async () => {
    const task = await work.run(await sealed(), classify);
    const other = await work.request(task.dataset, classify);
    await expect(work.opened({ ...task, digest: other.digest })).rejects.toMatchObject({
      code: 'hpke_open_failed',
    });
  });

  it('is not made for a request that somebody rewrote', async () => {
    const task = await work.request(await sealed(), classify);
    const request = task.request.replace('"requester":"ada"', '"requester":"eve"');
    await floor.database.client.datasetTask.update({ where: { id: task.id }, data: { request } });
    await work.runTask.execute(task.id);
    expect(await work.now(task)).toMatchObject({ state: 'failed', failure: 'task_inconsistent' });
    expect(work.keys.purposes).toEqual([]);
  });

  it('waits again when the key is refused, and is tried again when it can not be had', async () => {
    const task = await work.request(await sealed(), classify);
    const publicDetail = 'The key is not released.';
    work.keys.fault = new CastellanError({ code: 'release_refused', kind: 'forbidden', publicDetail });
    await work.runTask.execute(task.id);
    expect(await work.now(task)).toMatchObject({ state: 'waiting', failure: 'release_refused' });
    const again = await work.request(task.dataset, classify);
    work.keys.fault = new CastellanError({
      code: 'keybroker_unavailable',
      kind: 'unavailable',
      publicDetail,
    });
    await expect(work.runTask.execute(again.id)).rejects.toMatchObject({ kind: 'unavailable' });
    work.keys.fault = undefined;
    await work.askForLost(0);
    expect(work.requests.asked.filter((id) => id === again.id)).toHaveLength(2);
    await work.runTask.execute(again.id);
    expect((await work.now(again)).state).toBe('done');
  });

  it('leaves nothing when it is cancelled while it runs, and is not begun when it was before', async () => {
    const task = await work.request(await sealed(), classify);
    work.keys.meanwhile = async () => void (await work.cancel(task));
    await work.runTask.execute(task.id);
    expect(await work.now(task)).toMatchObject({ state: 'cancelled', resultBlobKey: null, summary: null });
    const folders = await readdir(floor.folder, { recursive: true, withFileTypes: true });
    const results = folders.filter((entry) => entry.isFile() && entry.parentPath.includes(task.id));
    expect(results).toEqual([]);
    await expect(work.cancel(task)).rejects.toMatchObject({ code: 'task_settled' });
    await work.runTask.execute(task.id);
    expect(work.keys.purposes).toHaveLength(1);
  });

  it('is a proposal: the steward says what holds, for every column, and may say it anew', async () => {
    const dataset = await sealed();
    const confirm = new ConfirmClassification(floor.database, floor.datasets, floor.audit);
    const word = (kinds: ('cn_identity_card' | 'cn_mobile')[]) =>
      declaration.columns.map(({ name }) => ({ name, kinds: name === 'person' ? kinds : [] }));
    await expect(confirm.execute(floor.actor, dataset, { columns: word([]).slice(1) })).rejects.toMatchObject(
      { code: 'classification_incomplete' },
    );
    await confirm.execute(floor.actor, dataset, { columns: word(['cn_mobile']) });
    const confirmed = await confirm.execute(floor.actor, dataset, { columns: word(['cn_identity_card']) });
    expect(showDataset(confirmed).classification).toMatchObject({
      confirmedBy: 'ada',
      columns: word(['cn_identity_card']),
    });
    const recorded = await floor.recorded(dataset);
    expect(recorded.filter((action) => action === 'dataset.classification-confirmed')).toHaveLength(2);
  });
});
