export { MeasurementRequests } from './asking/measurement-requests.js';
export { classifyColumn, type ColumnFinding } from './classification/classify-column.js';
export { type Recogniser } from './classification/recogniser.js';
export { recognisers } from './classification/recognisers.js';
export { sealedTablePath } from './dataset/dataset-document.js';
export { SettleStaleEntries, type Patience } from './ledger/settle-stale-entries.js';
export { privacyConfig, type PrivacyConfig } from './privacy.config.js';
export { measurementConfig, type MeasurementConfig } from './measurement.config.js';
export { DatasetKeys, type OpenedTable } from './measurement/dataset-keys.js';
export { type DuckdbEngineOptions } from './measurement/duckdb-engine.js';
export { MeasureEntry } from './runs/measure-entry.js';
export { PipelineModule } from './pipeline/pipeline.module.js';
export { PrivacyError, type PrivacyErrorCode } from './privacy-error.js';
export { privacyEventMeanings } from './privacy-events.js';
export { privacyRules } from './privacy-rules.js';
export { DatasetTaskModule, MeasurementModule, PrivacyModule } from './privacy.module.js';
export { BaseVersions, type OpenedBase } from './training/base-versions.js';
export type { BaseVersion } from './training/find-base.js';
export { TrainedVersions, type TrainingAuthor } from './training/trained-versions.js';
export { TrainingRequests } from './training/training-requests.js';
export { FormatPreserving, type FormatPreservingKey } from './masking/format-preserving.js';
export {
  DateShift,
  generaliseCategory,
  generaliseDate,
  generaliseNumber,
  maskMiddle,
  redact,
  token,
  type Mask,
} from './masking/masking-operators.js';
export { RequestLostTasks } from './task/request-lost-tasks.js';
export { RunTask } from './task/run-task.js';
export { TaskKeys, type OpenedWithSecrets } from './task/task-keys.js';
export { TaskRequests } from './task/task-requests.js';
export { type WorkKind } from './task/task-work.js';
export { erasePrivacyRows } from './erase-privacy-rows.js';
