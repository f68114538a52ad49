import { actorOf } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { OutlierReport, type DatasetDeclaration } from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { parseDeclaration } from '../declaration/protected-table.js';
import { privacyRules } from '../privacy-rules.js';
import { OpenResult } from '../task/open-result.js';
import { showTask } from '../task/show-task.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';
import { TaskFloor } from '../testing/task-floor.js';
import { cluster } from './clustering.js';
import { kMeans, pointAt, randomOf, type Points } from './k-means.js';
import { onPlane, principalPlane } from './principal-components.js';
import { RecordSpace } from './record-space.js';
import { robustScale } from './robust-scale.js';

/** Two clouds of points, far from each other along the first dimension. */
function clouds(count: number): Points {
  const random = randomOf(7);
  const noise = () => random() + random() + random() - 1.5;
  const values = Float64Array.from({ length: count * 3 }, (_, i) => {
    const far = i % 3 === 0 && Math.floor(i / 3) % 2 === 0 ? 10 : 0;
    return far + noise() * (i % 3 === 2 ? 0.1 : 1);
  });
  return { values, width: 3 };
}

describe('what is usual', () => {
  it('is not moved by wild values: middle and spread are robust', () => {
    const usual = Array.from({ length: 1001 }, (_, i) => i);
    const wild = usual.with(3, 1e12).with(500, -1e12);
    const [before, after] = [robustScale(usual), robustScale(wild)];
    expect(before?.middle).toBe(500);
    expect(Math.abs((after?.middle ?? NaN) - 500)).toBeLessThan(3);
    expect((after?.spread ?? NaN) / (before?.spread ?? NaN)).toBeCloseTo(1, 1);
    expect(robustScale([4, 4, 4])).toBeUndefined();
  });

  it('is found as clusters, the same each time', () => {
    const points = clouds(400);
    const { memberships } = kMeans(points, 2);
    expect(new Set(memberships.filter((_, at) => at % 2 === 0)).size).toBe(1);
    expect(memberships[0]).not.toBe(memberships[1]);
    expect(kMeans(points, 2)).toEqual(kMeans(points, 2));
    expect(kMeans({ values: new Float64Array(9), width: 3 }, 5).centres).toHaveLength(1);
  });

  it('is shown on the plane in which points differ most', () => {
    const plane = principalPlane(clouds(400));
    expect(Math.abs(plane.axes[0][0] ?? 0)).toBeGreaterThan(0.99);
    expect(Math.abs(plane.axes[1][1] ?? 0)).toBeGreaterThan(0.99);
    const [x] = onPlane(pointAt(clouds(400), 0), plane);
    expect(Math.abs(x)).toBeGreaterThan(3);
  });

  it('has no cluster of a handful, so that a few strange rows do not vouch for each other', () => {
    const { values } = clouds(400);
    const strange = Float64Array.from({ length: 9 }, () => 40);
    const { centres, shares } = cluster({ values: Float64Array.of(...values, ...strange), width: 3 }, 3);
    expect(centres).toHaveLength(2);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });
});

const declaration: DatasetDeclaration = {
  columns: [
    { name: 'person', type: 'id' },
    { name: 'town', type: 'category', values: ['east', 'west'] },
    { name: 'cost', type: 'number', lower: 0, upper: 100, decimals: 0 },
    { name: 'days', type: 'number', lower: 0, upper: 30, decimals: 0 },
    { name: 'note', type: 'id' },
  ],
  privacyUnit: 'person',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 1,
  purpose: 'test',
};
const usualRow = (i: number) =>
  `p${i},${i % 2 === 0 ? 'east' : 'west'},${(i % 2 === 0 ? 20 : 70) + (i % 7)},${5 + (i % 4)},ok`;
const rows = Array.from({ length: 1200 }, (_, i) => usualRow(i))
  .with(41, 'p41,west,733331,6,ok')
  .with(512, 'p512,east,22,29,ok')
  .with(900, 'p900,east,,7,ok')
  .with(1111, 'p1111,west,71,6,never-seen-before');
const csv = ['person,town,cost,days,note', ...rows].join('\n');

describe('a record as a point', () => {
  it('leaves out the privacy unit and what does not vary, and has missing numbers aside', () => {
    const table = parseDeclaration('visits', declaration);
    const records = ['a,east,1,4,x', 'b,west,3,4,x', 'c,east,,4,x', 'd,west,2,4,x'].map((row) =>
      row.split(','),
    );
    const space = RecordSpace.of(table, records);
    // Two towns, a cost, and whether it is missing.
    expect(Array.from({ length: space.width }, (_, at) => space.columnOf(at))).toEqual([1, 1, 2, 2]);
    expect(Array.from(space.point(['z', 'east', '', '4', 'x'])).slice(2)).toEqual([0, 1]);
    expect(space.point(['z', 'east', '1e300', '4', 'x'])[2]).toBe(20);
  });
});

describe('the search for outliers in a sealed table', () => {
  let floor: PrivacyFloor;
  let work: TaskFloor;
  beforeAll(async () => {
    floor = await PrivacyFloor.open();
    work = new TaskFloor(floor);
  });
  afterAll(() => floor[Symbol.asyncDispose]());

  const wanted = { kind: 'outliers', clusters: 4 } as const;

  it('names places and the columns that make them unusual, the same each time, and no value', async () => {
    const dataset = await floor.sealedDataset('visits', '1', csv, declaration);
    const task = await work.run(dataset, wanted);
    expect(work.keys).toMatchObject({ purposes: ['outliers'], disposed: 1 });
    expect(showTask(task)).toMatchObject({ state: 'done', summary: { kind: 'outliers', clusters: 4 } });
    const text = await work.opened(task);
    const report = OutlierReport.parse(JSON.parse(text));
    const first = report.outliers.slice(0, 4).map(({ row, columns }) => [row, columns[0]?.name]);
    expect(first.toSorted(([left], [right]) => Number(left) - Number(right))).toEqual([
      [42, 'cost'],
      [513, 'days'],
      [901, 'cost'],
      [1112, 'note'],
    ]);
    expect(report.rows).toBe(1200);
    expect(report.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(1200);
    expect(report.usual.length).toBeGreaterThan(100);
    for (const value of ['733331', 'never-seen', 'p41', 'east']) expect(text.includes(value)).toBe(false);
    expect(await work.opened(await work.run(dataset, wanted))).toBe(text);
    expect(await floor.recorded(dataset)).toContain('dataset.outliers-found');
  });

  it('leaves nothing of rows, not even their number, in any row or event', async () => {
    const { client } = floor.database;
    const kept = JSON.stringify(
      [await client.datasetTask.findMany(), await client.auditOutbox.findMany()],
      (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    );
    for (const trace of ['"rows"', '1200', '"score"', '"row"', '733331'])
      expect(kept.includes(trace)).toBe(false);
  });

  describe('somebody who did not bring the table in', () => {
    it.each(['analyst', 'steward', 'auditor'] as const)('as %s neither asks nor opens it', async (role) => {
      const dataset = await floor.sealedDataset(`visits-${role}`, '1', csv, declaration);
      const task = await work.run(dataset, wanted);
      const person = await floor.database.client.person.create({
        data: { organizationId: floor.actor.organizationId, name: role, displayName: role },
      });
      const other = actorOf(
        { ...floor.actor, personId: person.id, name: role, roles: [{ role, projectId: null }] },
        [privacyRules],
      );
      await expect(work.request(dataset, wanted, other)).rejects.toMatchObject({
        code: 'outliers_not_yours',
      });
      const broker = new KeybrokerClient(() => Promise.reject(new Error('it must not be asked')));
      const open = new OpenResult(broker, floor.sealed, new AuditLog(floor.database));
      await expect(open.key(other, task, 'AA==')).rejects.toMatchObject({ code: 'result_not_yours' });
    });
  });

  it('says so when nothing varies', async () => {
    const flat = ['person,town,cost,days,note', ...Array.from({ length: 9 }, (_, i) => `p${i},east,1,2,x`)];
    const task = await work.run(await floor.sealedDataset('flat', '1', flat.join('\n'), declaration), wanted);
    expect(task).toMatchObject({ state: 'refused', failure: 'outliers_impossible' });
  });
});
