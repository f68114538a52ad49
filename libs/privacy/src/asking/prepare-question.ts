import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { readDocument, type KnownDataset } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { dataIdentity } from '../dataset/require-sealed.js';
import { planMeasurement, type Charge, type MeasurementPlan } from '../measurement/measurement-plan.js';
import { parseQuestion } from '../question/parse-question.js';
import { offeredCharge, type OfferedCharge } from './offered-charge.js';
import { namedParts } from '../question/named-parts.js';
import { renderQuestion } from '../question/render-question.js';

export interface PreparedQuestion {
  readonly dataset: DatasetRow;
  readonly known: KnownDataset;
  readonly plan: MeasurementPlan;
  /** The parts of the table that it is about; empty: all of it. */
  readonly parts: readonly number[];
  /** Canonical SQL. */
  readonly text: string;
  /** SHA-256 over everything that the answer depends on: two questions with the same digest have the same answer. */
  readonly digest: string;
}

/** From what somebody offers for the answer. @throws what `prepareQuestion` and `offeredCharge` throw */
export function offeredQuestion(
  dataset: DatasetRow,
  sql: string,
  offered: OfferedCharge,
): Promise<PreparedQuestion> {
  const { accounting } = readDocument(dataset).table;
  return prepareQuestion(dataset, sql, offeredCharge(accounting, offered));
}

/** Changes when the same question would be measured in another way. */
const PLANNER = 'castellan.measurement/v1';

/**
 * Reads, bounds and prices a question. Depends on the SQL, the declaration and the charge alone.
 * @throws dataset_not_sealed, question_malformed, question_refused
 */
export async function prepareQuestion(
  dataset: DatasetRow,
  sql: string,
  offered: Charge,
): Promise<PreparedQuestion> {
  const known = readDocument(dataset);
  const table = dataIdentity(dataset, known.table);
  const plan = planMeasurement(await parseQuestion(sql, known.table), known.table, offered);
  const { costPico, costAtto } = plan.charge;
  const text = renderQuestion(plan.question, known.table);
  const identity = canonicalize({
    planner: PLANNER,
    question: text,
    chargePico: costPico.toString(),
    ...(costAtto === 0n ? {} : { chargeAtto: costAtto.toString() }),
    declaration: known.digest,
    table,
  });
  const parts = namedParts(plan.question, known.table);
  return {
    dataset,
    known,
    plan,
    parts,
    text,
    digest: createHash('sha256').update(identity, 'utf8').digest('hex'),
  };
}
