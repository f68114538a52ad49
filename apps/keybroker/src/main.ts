import 'reflect-metadata';
import { environment, loadConfig } from '@castellan/config';
import { databaseConfig } from '@castellan/database';
import { runUntilSignalled } from '@castellan/http';
import { kmsConfig } from '@castellan/kms';
import { keybrokerConfig } from './keybroker.config.js';
import { startKeybroker } from './start-keybroker.js';

const keybroker = await startKeybroker(
  loadConfig({ keybroker: keybrokerConfig, database: databaseConfig, kms: kmsConfig }, environment()),
);
console.log(JSON.stringify({ level: 'info', process: 'keybroker', msg: 'ready', url: keybroker.url }));
await runUntilSignalled(() => keybroker.close());
