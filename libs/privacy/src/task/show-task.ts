import { DataRequestKind, type DatasetTask, TaskState, TaskSummary } from '@castellan/contracts';
import type { TaskRow } from './task-store.js';

/** A task as the contract shows it. */
export function showTask(row: TaskRow): DatasetTask {
  const { id, dataset, request, digest, requestedByName, progress, failure, failureDetail } = row;
  return {
    id,
    dataset: dataset.name,
    kind: DataRequestKind.parse(row.kind),
    request,
    digest,
    requestedBy: requestedByName,
    state: TaskState.parse(row.state),
    progress,
    ...(failure === null ? {} : { failure: { code: failure, detail: failureDetail ?? '' } }),
    ...(row.summary === null ? {} : { summary: TaskSummary.parse(row.summary) }),
    ...(row.resultSizeBytes === null ? {} : { resultBytes: Number(row.resultSizeBytes) }),
    createdAt: row.createdAt.toISOString(),
    ...(row.finishedAt === null ? {} : { finishedAt: row.finishedAt.toISOString() }),
  };
}
