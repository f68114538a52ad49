import { type Actor, requireAbility } from '@castellan/access';
import type { PipelineStep } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import { AskQuestion } from '../asking/ask-question.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';
import { RunStore, stateOf } from '../runs/run-store.js';
import { RequestSynthesis } from '../synthesis/request-synthesis.js';
import { RequestTask } from '../task/request-task.js';
import { TaskStore } from '../task/task-store.js';
import { RequestTraining } from '../training/request-training.js';

/** `waiting`: for signatures on a text of its own. */
export type StepState = 'running' | 'waiting' | 'done';

/** Begins steps and looks how far they are. There is no other way to do either: each is the use case that people call. */
@Injectable()
export class PipelineSteps {
  constructor(
    private readonly requestTask: RequestTask,
    private readonly ask: AskQuestion,
    private readonly synthesis: RequestSynthesis,
    private readonly training: RequestTraining,
    private readonly tasks: TaskStore,
    private readonly runs: RunStore,
  ) {}

  /** The id of what the step became. Begun again, what is charged is the same entry. @throws what each use case throws */
  async begin(actor: Actor, dataset: DatasetRow, wanted: PipelineStep): Promise<string> {
    const isTask = wanted.step === 'classify' || wanted.step === 'mask';
    requireAbility(actor, isTask ? 'work' : 'ask', 'Dataset', dataset);
    switch (wanted.step) {
      case 'classify':
        return (await this.requestTask.execute(actor, dataset, { kind: 'classify' })).id;
      case 'mask': {
        const { step: _, ...mask } = wanted;
        return (await this.requestTask.execute(actor, dataset, { ...mask, kind: 'mask' })).id;
      }
      case 'measure':
        return (await this.ask.execute(actor, dataset, wanted)).entryId;
      case 'synthesize':
        return (await this.synthesis.execute(actor, dataset, wanted)).entryId;
      case 'train': {
        const { step: _, ...training } = wanted;
        return (await this.training.execute(actor, dataset, training)).entryId;
      }
    }
  }

  /** @throws pipeline_step_failed when nothing will come of it */
  async look(step: PipelineStep['step'], id: string): Promise<StepState> {
    // An answer is there when asking for it returns.
    if (step === 'measure') return 'done';
    const state = await this.stateOf(step, id);
    if (state === 'done' || state === 'running' || state === 'waiting') return state;
    throw new PrivacyError('pipeline_step_failed', {
      kind: 'conflict',
      publicDetail: `The step "${step}" ended without a result: ${state}.`,
    });
  }

  private async stateOf(step: PipelineStep['step'], id: string): Promise<string> {
    if (step === 'classify' || step === 'mask') {
      const task = await this.tasks.byId(id);
      if (task === null) return 'gone';
      if (task.state === 'queued') return 'running';
      return ['running', 'waiting', 'done'].includes(task.state) ? task.state : (task.failure ?? task.state);
    }
    const run = await this.runs.byEntry(id);
    if (run === null) return 'gone';
    const state = stateOf(run);
    // A run waits for a process; nobody has to sign it.
    return state === 'waiting' ? 'running' : state;
  }
}
