import 'reflect-metadata';
import { accessConfig, Bootstrap } from '@castellan/access';
import { retentionConfig } from '@castellan/audit';
import { blobStoreConfig, blobStoreFromUrl } from '@castellan/blob-store';
import { environment, loadConfig } from '@castellan/config';
import { Database, databaseConfig, PrismaDatabase } from '@castellan/database';
import { createHttpApp, openApiDocument, runUntilSignalled } from '@castellan/http';
import { keybrokerConfig, ProcessIdentity } from '@castellan/keybroker-client';
import { privacyConfig } from '@castellan/privacy';
import { queueConfig } from '@castellan/queue';
import { registryConfig } from '@castellan/registry';
import {
  listenForMetrics,
  measureRequests,
  Metrics,
  NestLog,
  structuredLog,
  telemetryConfig,
} from '@castellan/telemetry';
import { apiConfig } from './api.config.js';
import { ApiModule } from './api.module.js';
import { builtConsole, consolePolicy, serveConsole } from './console/serve-console.js';

const config = loadConfig(
  {
    api: apiConfig,
    access: accessConfig,
    database: databaseConfig,
    blobs: blobStoreConfig,
    keybroker: keybrokerConfig,
    queue: queueConfig,
    registry: registryConfig,
    retention: retentionConfig,
    privacy: privacyConfig,
    telemetry: telemetryConfig,
  },
  environment(),
);

const identity = await ProcessIdentity.enroll({ ...config.keybroker, role: 'api', name: 'api' });
const log = structuredLog({ service: 'api', instance: 'api' }, config.telemetry);
const metrics = new Metrics('api');
const database = new PrismaDatabase(config.database);
const about = {
  title: 'Castellan',
  version: '1',
  description: 'Model governance and secure deployment: the control plane.',
};

const app = await createHttpApp(
  ApiModule.of({
    database,
    blobs: await blobStoreFromUrl(config.blobs.url),
    keybroker: identity.keybroker(),
    queue: config.queue,
    registry: config.registry,
    retention: config.retention,
    privacy: config.privacy,
    gatewayUrl: config.api.gatewayUrl,
  }),
  {
    contentSecurityPolicy: consolePolicy,
    logger: new NestLog(log),
    readiness: (get) => ({ database: () => get(Database).ping() }),
    prepare: async (nest) => {
      measureRequests(nest, metrics);
      await serveConsole(nest, config.api.consoleFolder ?? builtConsole);
      let document: ReturnType<typeof openApiDocument> | undefined;
      nest
        .getHttpAdapter()
        .getInstance()
        .get('/openapi.json', () => (document ??= openApiDocument(nest, about)));
    },
  },
);

const { bootstrapTokenHash } = config.access;
if (bootstrapTokenHash !== undefined)
  await app.nest.get(Bootstrap, { strict: false }).execute(bootstrapTokenHash);
const { url } = await app.listen({ host: config.api.host, port: config.api.port });
const measured = await listenForMetrics(metrics, config.api.host, config.telemetry.metricsPort);
log.info({ url }, 'ready');
await runUntilSignalled(async () => {
  await app.close();
  await measured?.close();
  await identity.close();
});
