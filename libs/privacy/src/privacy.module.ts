import { RandomBits, SystemBits } from '@castellan/differential-privacy';
import { CreateModel, ModelStore, VersionStore } from '@castellan/registry';
import { type DynamicModule, Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import { AnswerWatch } from './asking/answer-watch.js';
import { AskQuestion } from './asking/ask-question.js';
import { MeasurementRequests } from './asking/measurement-requests.js';
import { ExplainQuestion } from './asking/explain-question.js';
import { PriceQuestion } from './asking/price-question.js';
import { QuestionController } from './asking/question.controller.js';
import { ConfirmClassification } from './classification/confirm-classification.js';
import { CheckReidentification } from './masking/check-reidentification.js';
import { DatasetController } from './dataset/dataset.controller.js';
import { DatasetStore } from './dataset/dataset-store.js';
import { DeclareDataset } from './dataset/declare-dataset.js';
import { FindDataset } from './dataset/find-dataset.js';
import { RenewData } from './dataset/renew-data.js';
import { SealDataset } from './dataset/seal-dataset.js';
import { AdmitCharge } from './ledger/admit-charge.js';
import { FindLimits } from './ledger/governed-limits.js';
import { GrantedRaises, KeybrokerGrantedRaises } from './ledger/granted-raises.js';
import type { PrivacyConfig } from './privacy.config.js';
import { AllowedSources } from './reference/allowed-sources.js';
import { OpenSource } from './reference/open-source.js';
import { PrivacyLedger } from './ledger/privacy-ledger.js';
import { CheckRaise, RaiseBudget } from './ledger/raise-budget.js';
import { ReconcileBudget } from './ledger/reconcile-budget.js';
import { SettleStaleEntries } from './ledger/settle-stale-entries.js';
import { ShowBudget } from './ledger/show-budget.js';
import { ShowDenials } from './ledger/show-denials.js';
import { DatasetKeys } from './measurement/dataset-keys.js';
import { DuckdbEngine, type DuckdbEngineOptions } from './measurement/duckdb-engine.js';
import { MeasureQuestion } from './measurement/measure-question.js';
import { EngineBySource, PostgresEngine } from './measurement/postgres-engine.js';
import { MeasureProcessor } from './measurement/measure.processor.js';
import { MeasurementEngine } from './measurement/measurement-engine.js';
import { QueuedMeasurementRequests } from './measurement/queued-measurement-requests.js';
import { PrivateMeasurement } from './measurement/private-measurement.js';
import { PipelineRequests, QueuedPipelineRequests } from './pipeline/pipeline-requests.js';
import { ChargedWork } from './runs/charged-work.js';
import { MeasureEntry } from './runs/measure-entry.js';
import { RunStore } from './runs/run-store.js';
import { ShowRun } from './runs/show-run.js';
import { DownloadSynthesis } from './synthesis/download-synthesis.js';
import { PriceSynthesis } from './synthesis/price-synthesis.js';
import { RequestSynthesis } from './synthesis/request-synthesis.js';
import { ShowSynthesis } from './synthesis/show-synthesis.js';
import { SynthesisController } from './synthesis/synthesis.controller.js';
import { SynthesizeTable } from './synthesis/synthesize-table.js';
import { CancelTask } from './task/cancel-task.js';
import { FindTask } from './task/find-task.js';
import { OpenResult } from './task/open-result.js';
import { QueuedTaskRequests } from './task/queued-task-requests.js';
import { RequestLostTasks } from './task/request-lost-tasks.js';
import { ReviewTask } from './task/review-task.js';
import { RequestTask } from './task/request-task.js';
import { RunTask } from './task/run-task.js';
import { SealResult } from './task/seal-result.js';
import { TaskController } from './task/task.controller.js';
import { TaskKeys } from './task/task-keys.js';
import { TaskProcessor } from './task/task.processor.js';
import { TaskRequests } from './task/task-requests.js';
import { TaskStore } from './task/task-store.js';
import { BaseVersions } from './training/base-versions.js';
import { CancelTraining } from './training/cancel-training.js';
import { FindBase } from './training/find-base.js';
import { JudgeTraining } from './training/judge-training.js';
import { OpenBase } from './training/open-base.js';
import { PriceTraining } from './training/price-training.js';
import { RequestTraining } from './training/request-training.js';
import { ShowTraining } from './training/show-training.js';
import { TrainModel } from './training/train-model.js';
import { TrainProcessor } from './training/train.processor.js';
import { TrainedVersions } from './training/trained-versions.js';
import { TrainingController } from './training/training.controller.js';
import { ThreadTrainingEngine, TrainingEngine } from './training/training-engine.js';
import { QueuedTrainingRequests, TrainingRequests } from './training/training-requests.js';

/**
 * Protected datasets over HTTP, for the api: it declares, seals, prices, charges, and shows answers; it never opens a
 * table. `imports` bring Database, AuditLog, DataKeys, SealedStore and KeybrokerClient; JobQueue unless
 * `measurementRequests` and `taskRequests` ask for measurements and tasks in another way.
 */
@Module({})
export class PrivacyModule {
  static forRoot(
    options: Pick<ModuleMetadata, 'imports'> & {
      measurementRequests?: Type<MeasurementRequests>;
      taskRequests?: Type<TaskRequests>;
      config?: PrivacyConfig;
    },
  ): DynamicModule {
    return {
      module: PrivacyModule,
      imports: options.imports ?? [],
      controllers: [
        DatasetController,
        QuestionController,
        SynthesisController,
        TaskController,
        TrainingController,
      ],
      providers: [
        DatasetStore,
        PrivacyLedger,
        FindDataset,
        DeclareDataset,
        SealDataset,
        RenewData,
        {
          provide: AllowedSources,
          useValue: new AllowedSources(options.config ?? { databases: [], buckets: [] }),
        },
        ShowBudget,
        ShowDenials,
        FindLimits,
        { provide: GrantedRaises, useClass: KeybrokerGrantedRaises },
        CheckRaise,
        CheckReidentification,
        RaiseBudget,
        PriceQuestion,
        ExplainQuestion,
        { provide: RandomBits, useClass: SystemBits },
        AdmitCharge,
        ReconcileBudget,
        AskQuestion,
        AnswerWatch,
        RunStore,
        PriceSynthesis,
        RequestSynthesis,
        ShowRun,
        ShowSynthesis,
        DownloadSynthesis,
        ConfirmClassification,
        TaskStore,
        FindTask,
        RequestTask,
        CancelTask,
        OpenResult,
        ReviewTask,
        { provide: TaskRequests, useClass: options.taskRequests ?? QueuedTaskRequests },
        PriceTraining,
        ModelStore,
        CreateModel,
        VersionStore,
        FindBase,
        JudgeTraining,
        RequestTraining,
        ShowTraining,
        CancelTraining,
        { provide: MeasurementRequests, useClass: options.measurementRequests ?? QueuedMeasurementRequests },
      ],
    };
  }
}

/** For whoever reads tables. Whether a database may be named was judged when it was declared and when its login was sealed. */
function openingSources(buckets: readonly string[] = []): Provider[] {
  return [{ provide: AllowedSources, useValue: new AllowedSources({ databases: [], buckets }) }, OpenSource];
}

/**
 * The measuring half, for jobs: no routes. `imports` bring Database, AuditLog and KeybrokerClient; `keys` says how a sealed table is opened,
 * `versions` how a trained model is published, `bases` how one is opened to be trained on.
 */
@Module({})
export class MeasurementModule {
  static forRoot(
    options: Pick<ModuleMetadata, 'imports'> & {
      keys: Provider<DatasetKeys>;
      versions: Provider<TrainedVersions>;
      bases: Provider<BaseVersions>;
      measurementRequests?: Type<MeasurementRequests>;
      trainingRequests?: Type<TrainingRequests>;
      engine: DuckdbEngineOptions;
      buckets?: readonly string[];
    },
  ): DynamicModule {
    return {
      module: MeasurementModule,
      imports: options.imports ?? [],
      providers: [
        DatasetStore,
        PrivacyLedger,
        FindLimits,
        { provide: GrantedRaises, useClass: KeybrokerGrantedRaises },
        PrivateMeasurement,
        RunStore,
        ...openingSources(options.buckets),
        ChargedWork,
        MeasureQuestion,
        SynthesizeTable,
        MeasureEntry,
        MeasureProcessor,
        TrainModel,
        TrainProcessor,
        options.versions,
        options.bases,
        OpenBase,
        { provide: TrainingEngine, useValue: new ThreadTrainingEngine() },
        { provide: TrainingRequests, useClass: options.trainingRequests ?? QueuedTrainingRequests },
        SettleStaleEntries,
        options.keys,
        { provide: MeasurementRequests, useClass: options.measurementRequests ?? QueuedMeasurementRequests },
        {
          provide: MeasurementEngine,
          useValue: new EngineBySource(new DuckdbEngine(options.engine), new PostgresEngine()),
        },
        { provide: RandomBits, useClass: SystemBits },
      ],
      exports: [MeasureEntry, SettleStaleEntries],
    };
  }
}

/**
 * Work on tables, for jobs: no routes. `imports` bring Database, AuditLog, DataKeys and SealedStore; `keys` says how the
 * table of a task is opened.
 */
@Module({})
export class DatasetTaskModule {
  static forRoot(
    options: Pick<ModuleMetadata, 'imports'> & {
      keys: Provider<TaskKeys>;
      buckets?: readonly string[];
      taskRequests?: Type<TaskRequests>;
      pipelineRequests?: Type<PipelineRequests>;
    },
  ): DynamicModule {
    return {
      module: DatasetTaskModule,
      imports: options.imports ?? [],
      providers: [
        TaskStore,
        SealResult,
        ...openingSources(options.buckets),
        RunTask,
        { provide: PipelineRequests, useClass: options.pipelineRequests ?? QueuedPipelineRequests },
        TaskProcessor,
        RequestLostTasks,
        options.keys,
        { provide: TaskRequests, useClass: options.taskRequests ?? QueuedTaskRequests },
      ],
      exports: [RunTask, RequestLostTasks],
    };
  }
}
