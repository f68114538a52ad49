import type {
  DatasetDeclaration,
  MaskingRequest,
  Reidentification,
  ReidentifiedValues,
} from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { parse } from 'csv-parse/sync';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { OpenResult } from '../task/open-result.js';
import type { TaskRow } from '../task/task-store.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { TaskFloor } from '../testing/task-floor.js';

const declaration: DatasetDeclaration = {
  columns: [
    { name: 'person', type: 'id' },
    { name: 'phone', type: 'id' },
    { name: 'city', type: 'category', values: ['a', 'b'] },
  ],
  privacyUnit: 'person',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 9,
  purpose: 'spec',
};
const people = Array.from({ length: 12 }, (_, n) => [`p${n}`, `138-0013-80${10 + n}`, 'a'] as const);
const csv = ['person,phone,city', ...people.map((row) => row.join(','))].join('\n');
const masking: MaskingRequest = {
  kind: 'mask',
  purpose: 'research',
  columns: [
    { name: 'person', mask: { operator: 'token' } },
    { name: 'phone', mask: { operator: 'encrypt', alphabet: 'digits' } },
    { name: 'city', mask: { operator: 'keep' } },
  ],
  gates: { k: 2, suppressAtMost: 0 },
};

describe('leading values of a masked copy back to what they were', () => {
  let floor: PrivacyFloor;
  let work: TaskFloor;
  let dataset: DatasetRow;
  let copy: TaskRow;
  let rows: string[][];

  /** As the broker lets it once it is signed. */
  const run = async (task: TaskRow): Promise<TaskRow> => {
    expect(task.state).toBe('waiting');
    await floor.database.client.datasetTask.update({ where: { id: task.id }, data: { state: 'queued' } });
    await work.runTask.execute(task.id);
    return work.now(task);
  };
  const asking = (changes: Partial<Reidentification>): Reidentification => ({
    kind: 'reidentify',
    purpose: 'A patient has to be called back.',
    copy: copy.digest,
    column: 'person',
    values: [rows[3]?.[0] ?? ''],
    ...changes,
  });
  const reidentify = async (changes: Partial<Reidentification>) => {
    const task = await run(await work.request(dataset, asking(changes)));
    return { task, result: JSON.parse(await work.opened(task)) as ReidentifiedValues };
  };

  beforeAll(async () => {
    floor = await PrivacyFloor.open();
    work = new TaskFloor(floor);
    const sealed = await floor.sealedDataset('patients', '1', csv, declaration);
    const columns = declaration.columns.map(({ name }) => ({ name, kinds: [] }));
    await floor.database.client.datasetClassification.create({
      data: { datasetId: sealed.id, columns, confirmedByName: 'ada', confirmedAt: new Date() },
    });
    const known = await floor.datasets.byId(sealed.id);
    if (known === null) throw new Error('no dataset');
    dataset = known;
    copy = await run(await work.request(dataset, masking));
    [, ...rows] = parse(await work.opened(copy)) as string[][];
  });
  afterAll(() => floor[Symbol.asyncDispose]());

  it('works for tokens and for encrypted values, for those that were asked about and no others', async () => {
    const [third, seventh] = [rows[3] ?? [], rows[7] ?? []];
    const strange = 'ab'.repeat(16);
    const tokens = await reidentify({ values: [third[0] ?? '', strange] });
    expect(tokens.result.values).toEqual([
      { value: third[0], original: 'p3' },
      { value: strange, original: null },
    ]);
    const phones = await reidentify({ column: 'phone', values: [seventh[1] ?? ''] });
    expect(phones.result).toEqual({
      format: 'castellan.reidentification/v1',
      column: 'phone',
      values: [{ value: seventh[1], original: '138-0013-8017' }],
    });
    expect(phones.task.summary).toEqual({ kind: 'reidentify', column: 'phone', copy: copy.digest, asked: 1 });
    expect(work.keys.purposes.slice(-2)).toEqual(['reidentify', 'reidentify']);
    expect(await floor.recorded(dataset)).toContain('dataset.reidentified');
  });

  it('opens no encrypted text that stands in no row: the key is not to be borrowed', async () => {
    const { result } = await reidentify({ column: 'phone', values: ['139-0013-8017', '13900000000'] });
    expect(result.values.map(({ original }) => original)).toEqual([null, null]);
  });

  it('says nothing in any row or event: originals are in the sealed result alone', async () => {
    await reidentify({});
    const { client } = floor.database;
    const shown = JSON.stringify(
      [await client.datasetTask.findMany(), await client.auditOutbox.findMany()],
      (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    );
    expect(shown).not.toContain('"p3"');
    expect(shown).not.toContain('138-0013');
  });

  it.each<[string, Partial<Reidentification>]>([
    ['of a column in clear', { column: 'city' }],
    ['of a column that there isn’t', { column: 'name' }],
    ['of a copy that there isn’t', { copy: 'ab'.repeat(32) }],
  ])('is refused before anybody signs when it is %s', async (_, changes) => {
    await expect(work.request(dataset, asking(changes))).rejects.toMatchObject({
      code: 'reidentification_refused',
    });
  });

  it('is refused of a copy of another dataset, and of one that was not made', async () => {
    const other = await floor.sealedDataset('others', '1', csv, declaration);
    await expect(work.request(other, asking({}))).rejects.toMatchObject({ code: 'reidentification_refused' });
    const waiting = await work.request(dataset, masking);
    await expect(work.request(dataset, asking({ copy: waiting.digest }))).rejects.toMatchObject({
      code: 'reidentification_refused',
    });
  });

  it('takes the column’s operator from the copy’s own text, whatever a row says', async () => {
    const task = await work.request(dataset, asking({}));
    const request = copy.request.replace('"operator":"token"', '"operator":"redact"');
    await floor.database.client.datasetTask.update({ where: { id: copy.id }, data: { request } });
    expect(await run(task)).toMatchObject({ state: 'failed', resultBlobKey: null });
    await floor.database.client.datasetTask.update({
      where: { id: copy.id },
      data: { request: copy.request },
    });
  });

  it('is opened by nobody but who asked for it', async () => {
    const { task } = await reidentify({});
    const nobody = new KeybrokerClient(() => Promise.reject(new Error('was asked')));
    const open = new OpenResult(nobody, floor.sealed, floor.audit);
    const publicKey = Buffer.alloc(32).toString('base64');
    const colleague = { ...floor.actor, personId: 'somebody else' };
    await expect(open.key(colleague, task, publicKey)).rejects.toMatchObject({ code: 'result_not_yours' });
    await expect(open.key(floor.actor, task, publicKey)).rejects.toThrow('was asked');
  });
});
