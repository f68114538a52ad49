import 'reflect-metadata';
import { environment, loadConfig } from '@castellan/config';
import { databaseConfig } from '@castellan/database';
import { runUntilSignalled } from '@castellan/http';
import { keybrokerConfig } from '@castellan/keybroker-client';
import { predictionConfig } from '@castellan/serving';
import { telemetryConfig } from '@castellan/telemetry';
import { gatewayConfig } from './gateway.config.js';
import { startGateway } from './gateway.js';

const settings = loadConfig(
  {
    gateway: gatewayConfig,
    database: databaseConfig,
    keybroker: keybrokerConfig,
    prediction: predictionConfig,
    telemetry: telemetryConfig,
  },
  environment(),
);
const gateway = await startGateway(settings);
console.log(JSON.stringify({ level: 'info', msg: 'ready', process: 'gateway', url: gateway.url }));
await runUntilSignalled(() => gateway.close());
