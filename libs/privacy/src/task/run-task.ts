import { AuditLog } from '@castellan/audit';
import type { DataRequestBody } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { Injectable } from '@nestjs/common';
import { classifyTable } from '../classification/classify-table.js';
import { maskTable } from '../masking/mask-table.js';
import { showDataset } from '../dataset/show-dataset.js';
import { reidentifyValues } from '../masking/reidentify-values.js';
import { readDocument, sealedTablePath } from '../dataset/dataset-document.js';
import type { ProtectedTable } from '../declaration/protected-table.js';
import { findOutliers } from '../outliers/find-outliers.js';
import { PipelineRequests } from '../pipeline/pipeline-requests.js';
import { PrivacyError } from '../privacy-error.js';
import { OpenSource } from '../reference/open-source.js';
import { SealResult, type SealedResult } from './seal-result.js';
import { taskEvents } from './task-events.js';
import { TaskKeys } from './task-keys.js';
import { TaskProgress } from './task-progress.js';
import { readRequest, type ReadRequest } from './task-request.js';
import { TaskStore, type TaskRow } from './task-store.js';
import type { TaskWork, WorkKind, WorkSummary } from './task-work.js';

const works: Readonly<Record<WorkKind, { work: TaskWork; readings: number }>> = {
  classify: { work: classifyTable, readings: 1 },
  outliers: { work: findOutliers, readings: 2 },
  mask: { work: maskTable, readings: 2 },
  reidentify: { work: reidentifyValues, readings: 1 },
};

/**
 * Works on a task: table opened in memory, result sealed as it is made, and then, in one transaction, result, summary and
 * audit event. Begun again it starts over and leaves nothing twice; what is settled stays.
 */
@Injectable()
export class RunTask {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly keys: TaskKeys,
    private readonly sources: OpenSource,
    private readonly results: SealResult,
    private readonly pipelines: PipelineRequests,
    private readonly audit: AuditLog,
  ) {}

  /** @throws kind `unavailable` when key or table can't be had at the moment: nothing changed, try again */
  async execute(taskId: string): Promise<void> {
    if ((await this.tasks.byId(taskId))?.kind === 'pipeline') return this.pipelines.request(taskId);
    const task = await this.tasks.move(this.database.client, taskId, ['queued', 'running'], {
      state: 'running',
      progress: 0,
    });
    if (task === undefined) return;
    try {
      const request = readRequest(task.request);
      if (request === undefined || request.digest !== task.digest || request.head.kind !== task.kind)
        throw requestDiffers();
      const { kind } = request.body;
      if (kind === 'budget' || kind === 'lower' || kind === 'pipeline') throw requestDiffers();
      await this.work(task, request, kind);
    } catch (error) {
      if (error instanceof CastellanError && error.kind === 'unavailable') throw error;
      await this.settle(task, error);
    }
  }

  private async work(task: TaskRow, { body, digest }: ReadRequest, kind: WorkKind): Promise<void> {
    const { table, digest: declaration } = readDocument(task.dataset);
    const sealed = await this.keys.open(task.id, kind, sealedTablePath(declaration));
    const opened = await this.sources.execute(sealed, table);
    try {
      const { derive } = sealed;
      const { bytes } = opened;
      const { work, readings } = works[kind];
      const progress = new TaskProgress(readings * expectedBytes(table, bytes), (share) =>
        this.tasks.touch(task.id, share),
      );
      const { classification } = showDataset(task.dataset);
      const requestOf = (wanted: string) => this.requestOf(wanted);
      const done = await work({
        table,
        bytes,
        request: body,
        classification,
        progress,
        requestOf,
        derive,
      });
      await this.finish(task, done.summary, await this.results.seal(task, digest, done.result));
    } finally {
      opened.dispose();
    }
  }

  /** A digest names its text: whatever else a row says is not read. */
  private async requestOf(digest: string): Promise<DataRequestBody | undefined> {
    const request = readRequest((await this.tasks.byDigest(digest))?.request ?? '');
    return request?.digest === digest ? request.body : undefined;
  }

  private async finish(task: TaskRow, summary: WorkSummary, result: SealedResult): Promise<void> {
    const finished = await this.database.transaction(async (tx) => {
      const { stored, dataKey } = result;
      const terms = { state: 'done', progress: 100, summary, finishedAt: new Date(), ...stored } as const;
      const moved = await this.tasks.move(tx, task.id, ['running'], terms);
      if (moved === undefined) return false;
      await dataKey.record(tx);
      await this.audit.append(tx, taskEvents.done(moved, summary));
      return true;
    });
    // Cancelled, or finished by another process meanwhile.
    if (!finished) await this.results.discard(result);
  }

  /** Of an unforeseen failure nothing but the fact gets out: its own words may quote rows. */
  private async settle(task: TaskRow, error: unknown): Promise<void> {
    const known = error instanceof CastellanError ? error : undefined;
    const refused = known !== undefined && known.kind !== 'internal';
    // Refused for want of signatures: it may be tried again when there are more.
    const state = known?.code === 'release_refused' ? 'waiting' : refused ? 'refused' : 'failed';
    const failure = known?.code ?? 'unexpected';
    const failureDetail = known?.publicDetail ?? 'The work failed. What had been made is gone.';
    await this.database.transaction(async (tx) => {
      const finishedAt = state === 'waiting' ? null : new Date();
      const moved = await this.tasks.move(tx, task.id, ['running'], {
        state,
        failure,
        failureDetail,
        finishedAt,
      });
      if (moved !== undefined) await this.audit.append(tx, taskEvents.failed(moved, failure));
    });
  }
}

/** How much there is to read of a table in a database is not known before. */
function expectedBytes({ source }: ProtectedTable, { byteLength }: Uint8Array): number {
  return source?.kind === 'postgresql' ? Infinity : byteLength;
}

function requestDiffers(): PrivacyError {
  return new PrivacyError('task_inconsistent', {
    kind: 'internal',
    publicDetail: 'The stored request of this task is not the one that its digest names.',
  });
}
