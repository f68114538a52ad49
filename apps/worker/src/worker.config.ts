import { type ConfigOf, setting } from '@castellan/config';
import { z } from 'zod';

export const workerConfig = {
  host: setting('HOST', z.string().default('127.0.0.1'), { about: 'address to listen on' }),
  port: setting('WORKER_PORT', z.coerce.number().int().min(0).max(65_535).default(8444), {
    about: 'HTTPS port for the gateway',
  }),
  name: setting(
    'WORKER_NAME',
    z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .default('cpu-0'),
    { about: 'tells workers apart in certificates and in the log; by custom its device' },
  ),
  maxRequestBytes: setting(
    'WORKER_MAX_REQUEST_BYTES',
    z.coerce.number().int().min(1024).default(268_435_456),
    {
      about: 'largest request, in bytes',
    },
  ),
};
export type WorkerConfig = ConfigOf<typeof workerConfig>;
