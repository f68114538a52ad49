import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

const httpsAddresses = z
  .string()
  .transform((text) => text.split(',').map((address) => address.trim()))
  .pipe(z.array(z.url({ protocol: /^https$/ })).min(1));

export const predictionConfig = {
  workerUrls: setting('WORKER_URLS', httpsAddresses, {
    about: 'the workers, https://host:port, with commas between',
  }),
  running: setting('GATEWAY_RUNNING', z.coerce.number().int().min(1).max(10_000).default(32), {
    about: 'predictions of one deployment on their way at the same time',
  }),
  waiting: setting('GATEWAY_WAITING', z.coerce.number().int().min(0).max(100_000).default(256), {
    about: 'predictions of one deployment that may wait behind those; more are answered 429',
  }),
};
export type PredictionConfig = ConfigOf<typeof predictionConfig>;
