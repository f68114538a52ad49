import type { ClassificationEvidence, TaskSummary } from '@castellan/contracts';
import { readRecords } from '../declaration/table-format.js';
import type { TaskWork } from '../task/task-work.js';
import { classifyColumn } from './classify-column.js';
import { SystematicSample } from './systematic-sample.js';

/** At least so many rows are looked at, where there are so many. */
const SAMPLED_ROWS = 5_000;

/**
 * What each column of a table seems to hold. The summary has kinds and confidences in tenths; exact counts and masked
 * samples are protected data and go into the sealed result.
 */
export const classifyTable: TaskWork = async ({ table, bytes, progress }) => {
  const sample = new SystematicSample<readonly string[]>(SAMPLED_ROWS);
  for await (const record of readRecords(bytes, table)) {
    sample.add(record);
    await progress.passed(record);
  }
  const columns = table.columns.map(({ name }, at) => ({
    name,
    findings: classifyColumn(
      name,
      sample.rows.map((row) => row[at] ?? ''),
    ).map((finding) => ({ ...finding, evidence: [...finding.evidence] })),
  }));
  const evidence: ClassificationEvidence = {
    format: 'castellan.classification/v1',
    rows: sample.seen,
    columns,
  };
  const summary: TaskSummary = {
    kind: 'classify',
    columns: columns.map(({ name, findings }) => ({
      name,
      kinds: findings.map(({ kind, confidence, named }) => ({ kind, confidence: tenths(confidence), named })),
    })),
  };
  return { summary, result: [Buffer.from(JSON.stringify(evidence))] };
};

function tenths(share: number): number {
  return Math.round(share * 10) / 10;
}
