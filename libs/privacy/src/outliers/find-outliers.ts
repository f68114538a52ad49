import { setImmediate } from 'node:timers/promises';
import type { OutlierReport, TaskSummary } from '@castellan/contracts';
import { SystematicSample } from '../classification/systematic-sample.js';
import { readRecords } from '../declaration/table-format.js';
import { PrivacyError } from '../privacy-error.js';
import type { TaskWork } from '../task/task-work.js';
import { clusterApart } from './cluster-apart.js';
import type { Clustering } from './clustering.js';
import { nearest } from './k-means.js';
import { onPlane } from './principal-components.js';
import { RecordSpace } from './record-space.js';

/** At least so many rows say what is usual, where there are so many. */
const SAMPLED_ROWS = 10_000;
const REPORTED = 100;
/** A record nearer to usual ones than this, in reaches of their cluster, is one of them. */
const LEAST_SCORE = 2.5;
const COLUMNS = 3;
/** A turn for everything else after so many rows. */
const ROWS_A_TURN = 4_096;
/** Upper ends of the histogram's bars, in reaches of the nearest cluster; the last bar has what is beyond. */
const BARS = [0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10];

/**
 * Which records are unlike all others, and by which columns: their places in the table and never their values. What is usual is
 * learnt from a systematic sample; every row is then held against it, in bounded memory. Everything about rows, their number
 * included, is sealed for the steward; the summary has what was asked for.
 */
export const findOutliers: TaskWork = async ({ table, bytes, request, progress }) => {
  const wanted = request.kind === 'outliers' ? request.clusters : 1;
  const sample = new SystematicSample<readonly string[]>(SAMPLED_ROWS);
  for await (const record of readRecords(bytes, table)) {
    sample.add(record);
    await progress.passed(record);
  }
  const space = RecordSpace.of(table, sample.rows);
  if (space.width === 0)
    throw new PrivacyError('outliers_impossible', {
      kind: 'conflict',
      publicDetail: 'No column but the privacy unit has more than one value: no record stands out.',
    });
  const values = new Float64Array(sample.rows.length * space.width);
  sample.rows.forEach((record, at) =>
    space.point(record, values.subarray(at * space.width, (at + 1) * space.width)),
  );
  const sampled = sample.rows.length;
  const clustering = await clusterApart({ values, width: space.width }, wanted);
  const search = new OutlierSearch(space, clustering);
  for await (const record of readRecords(bytes, table)) {
    search.look(record);
    await progress.passed(record);
    if (search.rows % ROWS_A_TURN === 0) await setImmediate();
  }
  const names = table.columns.map(({ name }) => name);
  const summary: TaskSummary & { kind: 'outliers' } = { kind: 'outliers', clusters: wanted };
  return { summary, result: [Buffer.from(JSON.stringify(search.report(names, sampled)))] };
};

interface Found {
  readonly row: number;
  readonly score: number;
  readonly cluster: number;
  readonly point: Float64Array;
}

/** Holds records against what is usual and keeps those that are furthest from it. */
class OutlierSearch {
  rows = 0;
  private readonly kept: Found[] = [];
  private readonly bars = new Array<number>(BARS.length + 1).fill(0);
  private readonly point: Float64Array;

  constructor(
    private readonly space: RecordSpace,
    private readonly clustering: Clustering,
  ) {
    this.point = new Float64Array(space.width);
  }

  look(record: readonly string[]): void {
    this.rows += 1;
    const { cluster, squared } = nearest(this.space.point(record, this.point), this.clustering.centres);
    const score = Math.sqrt(squared) / (this.clustering.reaches[cluster] ?? 1);
    const bar = BARS.findIndex((end) => score <= end);
    const at = bar < 0 ? BARS.length : bar;
    this.bars[at] = (this.bars[at] ?? 0) + 1;
    if (score < LEAST_SCORE) return;
    const least = this.kept.at(-1);
    if (this.kept.length >= REPORTED && least !== undefined && score <= least.score) return;
    const place = this.kept.findIndex((other) => score > other.score);
    const found = { row: this.rows, score, cluster, point: Float64Array.from(this.point) };
    this.kept.splice(place < 0 ? this.kept.length : place, 0, found);
    if (this.kept.length > REPORTED) this.kept.pop();
  }

  report(names: readonly string[], sampled: number): OutlierReport {
    const { shares, plane, drawn } = this.clustering;
    return {
      format: 'castellan.outliers/v1',
      rows: this.rows,
      sampled,
      clusters: shares.map((share) => ({ share })),
      histogram: this.bars.map((count, at) => ({ ...(at < BARS.length && { upTo: BARS[at] }), count })),
      usual: drawn.map(([x, y, cluster]) => ({ x, y, cluster })),
      outliers: this.kept.map(({ row, score, cluster, point }) => {
        const [x, y] = onPlane(point, plane);
        return { row, score, cluster, x, y, columns: this.unusual(point, cluster, names) };
      }),
    };
  }

  /** The columns that make most of the distance, with their shares of it. */
  private unusual(point: Float64Array, cluster: number, names: readonly string[]) {
    const centre = this.clustering.centres[cluster] ?? point;
    const parts = new Map<number, number>();
    point.forEach((value, at) => {
      const column = this.space.columnOf(at);
      parts.set(column, (parts.get(column) ?? 0) + (value - (centre[at] ?? 0)) ** 2);
    });
    const whole = [...parts.values()].reduce((sum, part) => sum + part, 0) || 1;
    return [...parts]
      .map(([column, part]) => ({ name: names[column] ?? '', share: part / whole }))
      .toSorted((left, right) => right.share - left.share)
      .slice(0, COLUMNS)
      .filter(({ share }) => share >= 0.05);
  }
}
