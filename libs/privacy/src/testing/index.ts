export { parseDeclaration } from '../declaration/protected-table.js';
export { measureSource } from '../measurement/duckdb-engine.js';
export { planMeasurement } from '../measurement/measurement-plan.js';
export { parseQuestion } from '../question/parse-question.js';
