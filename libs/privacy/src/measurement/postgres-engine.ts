import { openReferenced } from '../reference/postgres-table.js';
import type { ExactFigures } from './exact-figures.js';
import { measureThrough } from './measure-through.js';
import { MeasurementEngine } from './measurement-engine.js';
import type { MeasurementPlan } from './measurement-plan.js';
import { postgresDialect } from './postgres-dialect.js';

/**
 * Measures a table where it is, in somebody's PostgreSQL: bounded and added up there, in one read-only transaction on one
 * snapshot; only sums come here, and noise is added here. `login` is what was sealed of the table.
 */
export class PostgresEngine extends MeasurementEngine {
  async measure(plan: MeasurementPlan, login: Uint8Array, selectionKey: string): Promise<ExactFigures> {
    await using session = await openReferenced(login, plan.source);
    const rows = ({ sql, parameters }: { sql: string; parameters: readonly (string | number | bigint)[] }) =>
      session.rows(sql, parameters);
    return await measureThrough(rows, postgresDialect, plan, selectionKey);
  }
}

/** Each table by the engine that reaches it. */
export class EngineBySource extends MeasurementEngine {
  constructor(
    private readonly sealed: MeasurementEngine,
    private readonly referenced: MeasurementEngine,
  ) {
    super();
  }

  measure(plan: MeasurementPlan, table: Uint8Array, selectionKey: string): Promise<ExactFigures> {
    const engine = plan.source.source?.kind === 'postgresql' ? this.referenced : this.sealed;
    return engine.measure(plan, table, selectionKey);
  }
}
