export { parseDeclaration } from '../declaration/protected-table.js';
export { measureSource } from '../measurement/duckdb-engine.js';
export { planMeasurement } from '../measurement/measurement-plan.js';
export { parseQuestion } from '../question/parse-question.js';
export { measureThrough } from '../measurement/measure-through.js';
export { sparkDialect } from '../measurement/spark-dialect.js';
export { figuresAsFile, hostileCase, hostileColumns, planOf, type HostileRow } from './generated-plans.js';
