import { Server } from 'node:https';
import { type BlobStoreConfig, blobStoreFromUrl } from '@castellan/blob-store';
import type { WorkerDeploymentState } from '@castellan/contracts';
import { createHttpApp, mutualTlsServerOptions } from '@castellan/http';
import { type KeybrokerConfig, ProcessIdentity } from '@castellan/keybroker-client';
import {
  listenForMetrics,
  measureRequests,
  Metrics,
  NestLog,
  structuredLog,
  type TelemetryConfig,
} from '@castellan/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeploymentController } from './deployment.controller.js';
import { Deployments } from './deployments.js';
import type { WorkerConfig } from './worker.config.js';
import { WorkerConfigured } from './worker-configured.js';

export interface WorkerSettings {
  readonly worker: WorkerConfig;
  readonly keybroker: KeybrokerConfig;
  readonly blobs: BlobStoreConfig;
  readonly telemetry: TelemetryConfig;
}

export interface RunningWorker {
  readonly url: string;
  /** Finishes what runs, wipes what it holds. */
  close(): Promise<void>;
}

@Module({})
class WorkerModule {
  static of(deployments: Deployments, configured: WorkerConfigured): DynamicModule {
    return {
      module: WorkerModule,
      controllers: [DeploymentController],
      providers: [
        { provide: Deployments, useValue: deployments },
        { provide: WorkerConfigured, useValue: configured },
      ],
    };
  }
}

/** Joins the platform, then listens for the gateway. @throws what enrolment refuses with; `port_in_use` */
export async function startWorker({
  worker,
  keybroker,
  blobs,
  telemetry,
}: WorkerSettings): Promise<RunningWorker> {
  const identity = await ProcessIdentity.enroll({ ...keybroker, role: 'worker', name: worker.name });
  const log = structuredLog({ service: 'worker', instance: worker.name }, telemetry);
  const metrics = new Metrics('worker');
  const deployments = new Deployments({
    keybroker: identity.keybroker(),
    store: await blobStoreFromUrl(blobs.url),
    peer: identity.peer,
    onPhase: (state, fault) => logPhase(log, state, fault),
  });
  const app = await createHttpApp(
    WorkerModule.of(deployments, new WorkerConfigured(worker.maxRequestBytes)),
    {
      tls: mutualTlsServerOptions(identity.tls),
      bodyLimitBytes: worker.maxRequestBytes,
      logger: new NestLog(log),
      prepare: async (nest) => measureRequests(nest, metrics),
    },
  );
  identity.onRenewed((tls) => {
    const server: unknown = app.nest.getHttpServer();
    if (server instanceof Server) server.setSecureContext(mutualTlsServerOptions(tls));
  });
  const { url } = await app.listen({ host: worker.host, port: worker.port });
  const measured = await listenForMetrics(metrics, worker.host, telemetry.metricsPort);
  return {
    url,
    close: async () => {
      await app.close();
      await measured?.close();
      await deployments.close();
      await identity.close();
    },
  };
}

function logPhase(
  log: ReturnType<typeof structuredLog>,
  { signature: _, name: deployment, message: detail, ...state }: WorkerDeploymentState,
  fault: unknown,
): void {
  const level = state.phase === 'failed' ? 'error' : state.phase === 'refused' ? 'warn' : 'info';
  log[level]({ deployment, detail, ...state, ...(fault === undefined ? {} : { err: fault }) }, 'deployment');
}
