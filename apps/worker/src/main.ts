import 'reflect-metadata';
import { blobStoreConfig } from '@castellan/blob-store';
import { environment, loadConfig } from '@castellan/config';
import { runUntilSignalled } from '@castellan/http';
import { keybrokerConfig } from '@castellan/keybroker-client';
import { telemetryConfig } from '@castellan/telemetry';
import { workerConfig } from './worker.config.js';
import { startWorker } from './worker.js';

const settings = loadConfig(
  { worker: workerConfig, keybroker: keybrokerConfig, blobs: blobStoreConfig, telemetry: telemetryConfig },
  environment(),
);
const worker = await startWorker(settings);
console.log(JSON.stringify({ level: 'info', process: 'worker', msg: 'ready', url: worker.url }));
await runUntilSignalled(() => worker.close());
