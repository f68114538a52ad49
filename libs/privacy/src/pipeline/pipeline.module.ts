import { CreateModel, ModelStore, VersionStore } from '@castellan/registry';
import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { AnswerWatch } from '../asking/answer-watch.js';
import { AskQuestion } from '../asking/ask-question.js';
import { MeasurementRequests } from '../asking/measurement-requests.js';
import { DatasetStore } from '../dataset/dataset-store.js';
import { AdmitCharge } from '../ledger/admit-charge.js';
import { FindLimits } from '../ledger/governed-limits.js';
import { GrantedRaises, KeybrokerGrantedRaises } from '../ledger/granted-raises.js';
import { PrivacyLedger } from '../ledger/privacy-ledger.js';
import { CheckRaise } from '../ledger/raise-budget.js';
import { CheckReidentification } from '../masking/check-reidentification.js';
import { QueuedMeasurementRequests } from '../measurement/queued-measurement-requests.js';
import { RunStore } from '../runs/run-store.js';
import { ShowRun } from '../runs/show-run.js';
import { RequestSynthesis } from '../synthesis/request-synthesis.js';
import { ShowSynthesis } from '../synthesis/show-synthesis.js';
import { QueuedTaskRequests } from '../task/queued-task-requests.js';
import { RequestTask } from '../task/request-task.js';
import { TaskRequests } from '../task/task-requests.js';
import { TaskStore } from '../task/task-store.js';
import { FindBase } from '../training/find-base.js';
import { JudgeTraining } from '../training/judge-training.js';
import { RequestTraining } from '../training/request-training.js';
import { PipelineActor } from './pipeline-actor.js';
import { PipelineProcessor } from './pipeline.processor.js';
import { PipelineSteps } from './pipeline-steps.js';
import { RunPipeline } from './run-pipeline.js';

/** Signed pipelines, for jobs: no routes. `imports` bring Database, AuditLog, KeybrokerClient and JobQueue. */
@Module({})
export class PipelineModule {
  static forRoot(
    options: Pick<ModuleMetadata, 'imports'> & {
      measurementRequests?: Type<MeasurementRequests>;
      taskRequests?: Type<TaskRequests>;
    },
  ): DynamicModule {
    return {
      module: PipelineModule,
      imports: options.imports ?? [],
      providers: [
        DatasetStore,
        PrivacyLedger,
        FindLimits,
        { provide: GrantedRaises, useClass: KeybrokerGrantedRaises },
        AdmitCharge,
        AnswerWatch,
        AskQuestion,
        RunStore,
        ShowRun,
        ShowSynthesis,
        RequestSynthesis,
        ModelStore,
        CreateModel,
        VersionStore,
        FindBase,
        JudgeTraining,
        RequestTraining,
        TaskStore,
        CheckRaise,
        CheckReidentification,
        RequestTask,
        { provide: MeasurementRequests, useClass: options.measurementRequests ?? QueuedMeasurementRequests },
        { provide: TaskRequests, useClass: options.taskRequests ?? QueuedTaskRequests },
        PipelineActor,
        PipelineSteps,
        RunPipeline,
        PipelineProcessor,
      ],
    };
  }
}
