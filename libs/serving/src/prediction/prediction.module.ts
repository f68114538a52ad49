import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import type { Metrics } from '@castellan/telemetry';
import { DeploymentPlan } from '../routing/deployment-plan.js';
import { EvaluationClient } from '../routing/evaluation-client.js';
import { PrismaDeploymentPlan } from '../routing/prisma-deployment-plan.js';
import { RecentEvaluations } from '../routing/recent-evaluations.js';
import { FaultLog, ReconcilerLoop } from '../routing/reconciler-loop.js';
import { Reconciler } from '../routing/reconciler.js';
import { RetryPace } from '../routing/retry-pace.js';
import { RoutingTable } from '../routing/routing-table.js';
import { WorkerClient } from '../routing/worker-client.js';
import { WorkerFleet } from '../routing/worker-fleet.js';
import { Admission } from './admission.js';
import { InferController } from './infer.controller.js';
import { PredictController } from './predict.controller.js';
import { Predict } from './predict.js';
import type { PredictionConfig } from './prediction.config.js';
import { PredictionMetrics } from './prediction-metrics.js';
import { PredictionRecord } from './prediction-record.js';
import { ReachableRoutes } from './reachable-routes.js';

export interface PredictionModuleOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly config: PredictionConfig;
  readonly workers: WorkerClient;
  readonly evaluations: EvaluationClient;
  readonly metrics: Metrics;
}

const monotonicMs = (): number => performance.now();

/** The data plane over HTTP, and the reconciler behind it. Needs Database and, by `imports` or globally, AuditLog. */
@Module({})
export class PredictionModule {
  static forRoot(options: PredictionModuleOptions): DynamicModule {
    const { imports = [], config, workers, evaluations, metrics } = options;
    return {
      module: PredictionModule,
      imports,
      controllers: [PredictController, InferController],
      providers: [
        RoutingTable,
        ReachableRoutes,
        Predict,
        PredictionRecord,
        ReconcilerLoop,
        { provide: WorkerClient, useValue: workers },
        { provide: EvaluationClient, useValue: evaluations },
        { provide: DeploymentPlan, useClass: PrismaDeploymentPlan },
        { provide: PredictionMetrics, useValue: new PredictionMetrics(metrics) },
        { provide: Admission, useValue: new Admission(config) },
        {
          provide: Reconciler,
          useFactory: (plan: DeploymentPlan, routes: RoutingTable) =>
            new Reconciler(
              plan,
              { client: workers, fleet: new WorkerFleet(workers, config.workerUrls, monotonicMs) },
              new RecentEvaluations(evaluations, monotonicMs),
              new RetryPace(monotonicMs),
              routes,
              new FaultLog().tell,
            ),
          inject: [DeploymentPlan, RoutingTable],
        },
      ],
      exports: [RoutingTable],
    };
  }
}
