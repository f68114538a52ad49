import type { RandomBits } from '@castellan/differential-privacy';
import type { TrainingRows } from '@castellan/keras';
import { freshKey } from '../measurement/fresh-key.js';
import { boundedRows } from '../runs/bounded-rows.js';
import type { RunRow } from '../runs/run-store.js';
import { MadeSynthesis } from '../synthesis/made-synthesis.js';
import { rowReader, type TrainingRow } from './feature-table.js';
import type { PreparedTraining } from './prepare-training.js';

/** The rows of a table that a training reads, unit after unit, and where each one's end. */
export async function protectedRows(
  { known, table, wanted }: PreparedTraining,
  bytes: Uint8Array,
  random: RandomBits,
): Promise<{ rows: TrainingRows; ends: Uint32Array }> {
  const read = rowReader(
    table,
    known.table.columns.map(({ name }) => name),
  );
  const bound = { most: wanted.rowsPerUnit, key: freshKey(random), read };
  const units = await boundedRows(bytes, known.table, bound);
  // A unit without a labelled row has no gradient; its gradient would be 0, so leaving it out changes nothing.
  const labelled = Array.from(units.values(), (rows) => rows.filter((row) => row !== undefined));
  const present = labelled.filter((rows) => rows.length > 0);
  const ends = new Uint32Array(present.length);
  let end = 0;
  present.forEach((rows, unit) => (ends[unit] = end += rows.length));
  return { rows: asRows(present.flat(), table), ends };
}

/** Rows of a synthetic table that was paid for: what is told by them costs nothing. */
export function publicRows(
  { dataset, table }: PreparedTraining,
  run: RunRow | null,
): TrainingRows | undefined {
  if (run?.datasetId !== dataset.id || run.kind !== 'synthesis') return undefined;
  const made = new MadeSynthesis(dataset, run);
  const read = rowReader(
    table,
    made.prepared.domain.map(({ column }) => column.name),
  );
  const rows = made.records(Math.min(made.rows, 2_000)).flatMap((record) => read(record) ?? []);
  return rows.length === 0 ? undefined : asRows(rows, table);
}

function asRows(rows: readonly TrainingRow[], { inputs, outputs }: PreparedTraining['table']): TrainingRows {
  const [features, labels] = [
    new Float32Array(rows.length * inputs),
    new Float32Array(rows.length * outputs),
  ];
  rows.forEach((row, i) => {
    features.set(row.features, i * inputs);
    labels.set(row.label, i * outputs);
  });
  return { features, labels };
}
