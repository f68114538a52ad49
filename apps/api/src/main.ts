import 'reflect-metadata';
import { accessConfig, Bootstrap } from '@castellan/access';
import { blobStoreConfig, blobStoreFromUrl } from '@castellan/blob-store';
import { environment, loadConfig } from '@castellan/config';
import { Database, databaseConfig, PrismaDatabase } from '@castellan/database';
import { createHttpApp, openApiDocument, runUntilSignalled } from '@castellan/http';
import { keybrokerConfig, ProcessIdentity } from '@castellan/keybroker-client';
import { queueConfig } from '@castellan/queue';
import { apiConfig } from './api.config.js';
import { ApiModule } from './api.module.js';
import { consolePolicy, serveConsole } from './console/serve-console.js';

const config = loadConfig(
  {
    api: apiConfig,
    access: accessConfig,
    database: databaseConfig,
    blobs: blobStoreConfig,
    keybroker: keybrokerConfig,
    queue: queueConfig,
  },
  environment(),
);

const identity = await ProcessIdentity.enroll({ ...config.keybroker, role: 'api', name: 'api' });
const database = new PrismaDatabase(config.database);
const app = await createHttpApp(
  ApiModule.of({
    database,
    blobs: await blobStoreFromUrl(config.blobs.url),
    keybroker: identity.keybroker(),
    queue: config.queue,
    gatewayUrl: config.api.gatewayUrl,
  }),
  {
    contentSecurityPolicy: consolePolicy,
    readiness: (get) => ({ database: () => get(Database).ping() }),
    prepare: async (nest) => {
      await serveConsole(nest, config.api.consoleFolder);
      const document = openApiDocument(nest, {
        title: 'Castellan',
        version: '1',
        description: 'Model governance and secure deployment: the control plane.',
      });
      nest
        .getHttpAdapter()
        .getInstance()
        .get('/openapi.json', () => document);
    },
  },
);

const { bootstrapTokenHash } = config.access;
if (bootstrapTokenHash !== undefined)
  await app.nest.get(Bootstrap, { strict: false }).execute(bootstrapTokenHash);
const { url } = await app.listen({ host: config.api.host, port: config.api.port });
console.log(JSON.stringify({ level: 'info', process: 'api', msg: 'ready', url }));
await runUntilSignalled(async () => {
  await app.close();
  await identity.close();
});
