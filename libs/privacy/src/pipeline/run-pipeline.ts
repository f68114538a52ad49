import { setTimeout as sleep } from 'node:timers/promises';
import { AuditLog } from '@castellan/audit';
import type { Pipeline } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { PrivacyError } from '../privacy-error.js';
import { taskEvents } from '../task/task-events.js';
import { readRequest } from '../task/task-request.js';
import { TaskStore, type TaskRow } from '../task/task-store.js';
import { PipelineActor } from './pipeline-actor.js';
import type { PipelineProgress } from './pipeline-progress.js';
import { PipelineSteps } from './pipeline-steps.js';
import { readProgress } from './read-progress.js';

const LOOK_EVERY_MS = 300;

interface SignedPipeline {
  readonly body: Pipeline;
  readonly dataVersion: number | undefined;
}

/**
 * Goes on with a signed pipeline, step by step, on behalf of whoever asked for it. The keybroker judges the signatures on the
 * very text that is carried out. What each step became is written down as soon as it is known, so that a process that died is
 * followed by one that goes on where it was; what is charged has the same entry then. A step that waits for signatures of its own
 * lets the pipeline wait. What a step had begun when a pipeline is cancelled goes on; no further one is begun.
 */
@Injectable()
export class RunPipeline {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly steps: PipelineSteps,
    private readonly actors: PipelineActor,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
  ) {}

  /** @throws kind `unavailable` when something can't be had at the moment: ask again */
  async execute(taskId: string, signal: AbortSignal): Promise<void> {
    const task = await this.tasks.move(this.database.client, taskId, ['queued', 'running'], {
      state: 'running',
    });
    if (task === undefined) return;
    try {
      const { body, dataVersion } = await this.signedDocument(task);
      await this.run(task, body, { dataVersion, signal });
    } catch (error) {
      const passing = error instanceof CastellanError && error.kind === 'unavailable';
      if (passing || signal.aborted) throw error;
      await this.refuse(task, error);
    }
  }

  /** @throws task_inconsistent, approvals_missing */
  private async signedDocument({ id, digest, request }: TaskRow): Promise<SignedPipeline> {
    const read = readRequest(request);
    const { allowed, reasons, request: judged } = await this.keybroker.evaluateData(id);
    if (!allowed)
      throw new PrivacyError('approvals_missing', {
        kind: 'forbidden',
        publicDetail: reasons.map(({ detail }) => detail).join(' '),
      });
    if (read?.body.kind === 'pipeline' && read.digest === digest && judged === digest)
      return { body: read.body, dataVersion: read.head.dataVersion };
    throw new PrivacyError('task_inconsistent', {
      kind: 'internal',
      publicDetail: 'The stored request of this pipeline is not the one that was signed.',
    });
  }

  private async run(
    task: TaskRow,
    { steps: wanted }: Pipeline,
    { dataVersion, signal }: { dataVersion: number | undefined; signal: AbortSignal },
  ): Promise<void> {
    const steps = readProgress(task.summary, wanted);
    for (const [position, step] of steps.entries()) {
      const what = wanted[position];
      if (what === undefined || step.state === 'done') continue;
      if (step.id === undefined) {
        await this.requireVersion(task, dataVersion);
        if (!(await this.begin(task, steps, position, what))) return;
      }
      if (!(await this.untilDone(task, steps, step, signal))) return;
    }
    await this.finish(task, steps);
  }

  /** A table that stays elsewhere must be the data that were signed for. @throws data_version_moved */
  private async requireVersion({ id }: TaskRow, signed: number | undefined): Promise<void> {
    const task = await this.tasks.byId(id);
    if (signed === undefined || task?.dataset.dataVersion === signed) return;
    throw new PrivacyError('data_version_moved', {
      kind: 'conflict',
      publicDetail:
        'The table is other data now than when the pipeline was signed. Ask for its next version.',
    });
  }

  /** False when the pipeline was cancelled meanwhile. */
  private async begin(
    task: TaskRow,
    steps: PipelineProgress[],
    position: number,
    wanted: Pipeline['steps'][number],
  ): Promise<boolean> {
    const [step, now] = [steps[position], await this.tasks.byId(task.id)];
    if (step === undefined || now?.state !== 'running') return false;
    step.id = await this.steps.begin(await this.actors.of(task), now.dataset, wanted);
    step.state = 'running';
    return this.database.transaction(async (tx) => {
      await this.audit.append(tx, taskEvents.pipelineStep(task, position, step));
      return this.tasks.note(tx, task.id, progressOf(steps), { kind: 'pipeline', steps });
    });
  }

  /** True when the step is done; false when the pipeline waits, or was cancelled. */
  private async untilDone(
    task: TaskRow,
    steps: readonly PipelineProgress[],
    step: PipelineProgress,
    signal: AbortSignal,
  ): Promise<boolean> {
    for (;;) {
      step.state = await this.steps.look(step.step, step.id ?? '');
      const summary = { kind: 'pipeline' as const, steps: [...steps] };
      const goesOn = await this.tasks.note(this.database.client, task.id, progressOf(steps), summary);
      if (!goesOn || step.state === 'done') return goesOn;
      if (step.state === 'waiting') return this.wait(task, step);
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  private async wait({ id, dataset }: TaskRow, step: PipelineProgress): Promise<false> {
    const failureDetail = `The step "${step.step}" waits for signatures on its own text (castellan dataset approve ${dataset.name} ${step.id ?? ''}). Begin the pipeline again when it is done.`;
    const terms = { state: 'waiting', failure: 'step_unsigned', failureDetail } as const;
    await this.tasks.move(this.database.client, id, ['running'], terms);
    return false;
  }

  private async finish(task: TaskRow, steps: readonly PipelineProgress[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      const terms = { state: 'done', progress: 100, finishedAt: new Date() } as const;
      const moved = await this.tasks.move(tx, task.id, ['running'], terms);
      if (moved !== undefined) await this.audit.append(tx, taskEvents.pipelineDone(moved, steps));
    });
  }

  private async refuse(task: TaskRow, error: unknown): Promise<void> {
    const known = error instanceof CastellanError && error.kind !== 'internal' ? error : undefined;
    const failure = known?.code ?? 'unexpected';
    // It may be begun again when enough have signed.
    const waits = failure === 'approvals_missing';
    await this.database.transaction(async (tx) => {
      const moved = await this.tasks.move(tx, task.id, ['running'], {
        state: waits ? 'waiting' : known === undefined ? 'failed' : 'refused',
        failure,
        failureDetail: known?.publicDetail ?? 'The pipeline failed. What its steps had made is there.',
        finishedAt: waits ? null : new Date(),
      });
      if (moved !== undefined) await this.audit.append(tx, taskEvents.failed(moved, failure));
    });
  }
}

function progressOf(steps: readonly PipelineProgress[]): number {
  const done = steps.filter(({ state }) => state === 'done').length;
  return Math.min(99, Math.floor((100 * done) / steps.length));
}
