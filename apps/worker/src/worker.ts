import { Server } from 'node:https';
import { type BlobStoreConfig, blobStoreFromUrl } from '@castellan/blob-store';
import { createHttpApp, mutualTlsServerOptions } from '@castellan/http';
import { type KeybrokerConfig, ProcessIdentity } from '@castellan/keybroker-client';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeploymentController } from './deployment.controller.js';
import { Deployments } from './deployments.js';
import type { WorkerConfig } from './worker.config.js';
import { WorkerConfigured } from './worker-configured.js';

export interface WorkerSettings {
  readonly worker: WorkerConfig;
  readonly keybroker: KeybrokerConfig;
  readonly blobs: BlobStoreConfig;
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
export async function startWorker({ worker, keybroker, blobs }: WorkerSettings): Promise<RunningWorker> {
  const identity = await ProcessIdentity.enroll({ ...keybroker, role: 'worker', name: worker.name });
  const deployments = new Deployments({
    keybroker: identity.keybroker(),
    store: await blobStoreFromUrl(blobs.url),
    peer: identity.peer,
  });
  const app = await createHttpApp(
    WorkerModule.of(deployments, new WorkerConfigured(worker.maxRequestBytes)),
    {
      tls: mutualTlsServerOptions(identity.tls),
      bodyLimitBytes: worker.maxRequestBytes,
    },
  );
  identity.onRenewed((tls) => {
    const server: unknown = app.nest.getHttpServer();
    if (server instanceof Server) server.setSecureContext(mutualTlsServerOptions(tls));
  });
  const { url } = await app.listen({ host: worker.host, port: worker.port });
  return {
    url,
    close: async () => {
      await app.close();
      await deployments.close();
      await identity.close();
    },
  };
}
