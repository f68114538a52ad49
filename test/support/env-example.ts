import { envExample } from '@castellan/config';
import { accessConfig } from '@castellan/access';
import { blobStoreConfig } from '@castellan/blob-store';
import { forwardingConfig } from '@castellan/compliance';
import { databaseConfig } from '@castellan/database';
import { keybrokerConfig as keybrokerAddress } from '@castellan/keybroker-client';
import { kmsConfig } from '@castellan/kms';
import { measurementConfig, privacyConfig } from '@castellan/privacy';
import { queueConfig } from '@castellan/queue';
import { registryConfig } from '@castellan/registry';
import { predictionConfig } from '@castellan/serving';
import { telemetryConfig } from '@castellan/telemetry';
import { apiConfig } from '../../apps/api/src/api.config.js';
import { cliConfig } from '../../apps/cli/src/cli.config.js';
import { upConfig } from '../../apps/cli/src/up/up.config.js';
import { gatewayConfig } from '../../apps/gateway/src/gateway.config.js';
import { jobsConfig } from '../../apps/jobs/src/jobs.config.js';
import { keybrokerConfig } from '../../apps/keybroker/src/keybroker.config.js';
import { workerConfig } from '../../apps/worker/src/worker.config.js';

/** Every variable that any process reads, by what it is for. */
export const everyVariable = `# Made by: npm run env:example. Every process reads only those of its own.\n\n${envExample(
  {
    'all processes': telemetryConfig,
    database: databaseConfig,
    queue: queueConfig,
    'object store': blobStoreConfig,
    'key store': kmsConfig,
    'joining the platform': keybrokerAddress,
    api: { ...apiConfig, ...accessConfig, ...privacyConfig },
    gateway: { ...gatewayConfig, ...predictionConfig },
    'api and jobs': registryConfig,
    jobs: { ...jobsConfig, ...measurementConfig, ...forwardingConfig },
    worker: workerConfig,
    keybroker: keybrokerConfig,
    'castellan up': upConfig,
    'castellan, the command line': cliConfig,
  },
)}`;
