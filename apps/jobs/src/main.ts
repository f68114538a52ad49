import 'reflect-metadata';
import { retentionConfig, SearchIndex, Sequencer, TimeStamping, Witnessing } from '@castellan/audit';
import { blobStoreConfig, blobStoreFromUrl } from '@castellan/blob-store';
import { forwardingConfig } from '@castellan/compliance';
import { environment, loadConfig } from '@castellan/config';
import { Database, databaseConfig, PrismaDatabase } from '@castellan/database';
import { createHttpApp, runUntilSignalled } from '@castellan/http';
import { keybrokerConfig, ProcessIdentity } from '@castellan/keybroker-client';
import { measurementConfig } from '@castellan/privacy';
import { queueConfig } from '@castellan/queue';
import { registryConfig } from '@castellan/registry';
import { KeybrokerCheckpointSigner } from './audit/keybroker-checkpoint-signer.js';
import {
  listenForMetrics,
  measureRequests,
  Metrics,
  NestLog,
  structuredLog,
  telemetryConfig,
} from '@castellan/telemetry';
import { timeStampAuthority } from './audit/time-stamp-authority.js';
import { jobsConfig } from './jobs.config.js';
import { JobsModule } from './jobs.module.js';

const config = loadConfig(
  {
    jobs: jobsConfig,
    database: databaseConfig,
    blobs: blobStoreConfig,
    keybroker: keybrokerConfig,
    queue: queueConfig,
    measurement: measurementConfig,
    registry: registryConfig,
    forwarding: forwardingConfig,
    retention: retentionConfig,
    telemetry: telemetryConfig,
  },
  environment(),
);

const log = structuredLog({ service: 'jobs', instance: 'jobs' }, config.telemetry);
const metrics = new Metrics('jobs');

const identity = await ProcessIdentity.enroll({ ...config.keybroker, role: 'jobs', name: 'jobs' });
const keybroker = identity.keybroker();
const database = new PrismaDatabase(config.database);

// Releases wait for the log: it is sequenced from the start, before any job asks for a key.
const stopping = new AbortController();
const { logOrigin, logVkey } = await keybroker.trust();
const signer = new KeybrokerCheckpointSigner(keybroker);
const sequencer = new Sequencer(
  database,
  signer,
  { origin: logOrigin, vkey: logVkey },
  {
    onFailure: (error) => log.warn({ err: error }, 'a round of the sequencer failed'),
  },
);
let fork: unknown;
const sequencing = sequencer.run(stopping.signal).catch((error: unknown) => {
  fork = error;
  log.fatal({ err: error }, 'the audit log is not the one that was signed; nothing more will be signed');
});
const indexing = new SearchIndex(database).run(stopping.signal, (error) =>
  log.warn({ err: error }, 'a round of the search index failed'),
);

const witnessing = new Witnessing(database, config.jobs.witnesses, {
  onFailure: (error) => log.error({ err: error }, 'a checkpoint was not cosigned'),
}).run(stopping.signal);
const stamping = new TimeStamping(database, await timeStampAuthority(config.jobs), {
  intervalMs: config.jobs.tsaIntervalMinutes * 60_000,
  onFailure: (error) => log.error({ err: error }, 'a checkpoint was not time-stamped'),
}).run(stopping.signal);

const app = await createHttpApp(
  JobsModule.of({
    database,
    blobs: await blobStoreFromUrl(config.blobs.url),
    keybroker,
    peer: identity.peer,
    queue: config.queue,
    measurement: config.measurement,
    registry: config.registry,
    forwarding: config.forwarding,
    metrics,
    retention: config.retention,
  }),
  {
    logger: new NestLog(log),
    prepare: async (nest) => measureRequests(nest, metrics),
    readiness: (get) => ({
      database: () => get(Database).ping(),
      log: () => (fork === undefined ? Promise.resolve() : Promise.reject(fork)),
    }),
  },
);
const { url } = await app.listen({ host: config.jobs.host, port: config.jobs.port });
const measured = await listenForMetrics(metrics, config.jobs.host, config.telemetry.metricsPort);
log.info({ url }, 'ready');
await runUntilSignalled(async () => {
  await app.close();
  await measured?.close();
  stopping.abort();
  await Promise.all([sequencing, indexing, witnessing, stamping]);
  await identity.close();
});
