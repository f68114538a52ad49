import type { ExplainQuestion as ExplainRequest, QuestionPlan } from '@castellan/contracts';
import { RandomBits, toText } from '@castellan/differential-privacy';
import { Injectable } from '@nestjs/common';
import type { ProtectedTable } from '../declaration/protected-table.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { compileBoundingQuery, type BoundingQuery } from '../measurement/bounding-query.js';
import { freshKey } from '../measurement/fresh-key.js';
import { compileHistogramQuery } from '../measurement/histogram-query.js';
import type { MeasurementPlan } from '../measurement/measurement-plan.js';
import { postgresDialect } from '../measurement/postgres-dialect.js';
import { sparkDialect } from '../measurement/spark-dialect.js';
import { numbered, type SqlDialect } from '../measurement/sql-dialect.js';
import { PrivacyError } from '../privacy-error.js';
import { offeredQuestion } from './prepare-question.js';

/**
 * Writes a question's bounding plan as an engine's SQL, for review or for a warehouse that holds the same table. It follows
 * from the SQL, the declaration and the charge alone; no row is looked at, and none can be by way of this.
 */
@Injectable()
export class ExplainQuestion {
  constructor(private readonly random: RandomBits) {}

  /** @throws what `offeredQuestion` throws; source_unsuitable for a table that is not in PostgreSQL */
  async execute(dataset: DatasetRow, request: ExplainRequest): Promise<QuestionPlan> {
    const { sql, dialect: named, table } = request;
    const { plan, text } = await offeredQuestion(dataset, sql, request);
    const dialect = dialectOf(named, plan.source, table);
    const queries = queriesOf(plan, dialect, freshKey(this.random));
    return { question: text, queries, measures: measuresOf(plan) };
  }
}

function dialectOf(
  named: ExplainRequest['dialect'],
  { name, source }: ProtectedTable,
  table: readonly string[] | undefined,
): SqlDialect {
  const inDatabase = source?.kind === 'postgresql' ? [source.schema, source.table] : undefined;
  if (named === 'spark') return sparkDialect(table ?? inDatabase ?? [name]);
  if (inDatabase !== undefined && table === undefined) return postgresDialect;
  throw new PrivacyError('source_unsuitable', {
    kind: 'conflict',
    publicDetail: `PostgreSQL is asked about the table that the declaration names and no other${inDatabase === undefined ? `, and the table of "${name}" is in no database` : ''}.`,
  });
}

function queriesOf(plan: MeasurementPlan, dialect: SqlDialect, key: string): QuestionPlan['queries'] {
  const columns = new Map(plan.quantiles.map((quantile) => [quantile.column.name, quantile]));
  const sums =
    plan.measures.length === 0 ? [] : [written('sums', compileBoundingQuery(plan, key, dialect), dialect)];
  const ranks = [...columns].map(([name, quantile]) =>
    written(`ranks of ${JSON.stringify(name)}`, compileHistogramQuery(plan, quantile, key, dialect), dialect),
  );
  return [...sums, ...ranks];
}

function written(
  of: string,
  { sql, parameters }: BoundingQuery,
  { constant }: SqlDialect,
): QuestionPlan['queries'][number] {
  return { of, sql, parameters: constant === numbered ? parameters.map(String) : [] };
}

function measuresOf({ measures }: MeasurementPlan): QuestionPlan['measures'] {
  return measures.map(({ text, sensitivity, squaredSensitivity, mechanism }, i) => ({
    name: `m${i}`,
    of: text,
    sensitivity:
      mechanism.cost.definition === 'pure' ? sensitivity.toString() : `√${squaredSensitivity.toString()}`,
    mechanism: mechanism.name,
    scale: toText(mechanism.scale),
  }));
}
