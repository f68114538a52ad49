import { type ConfigOf, setting } from '@castellan/config';
import { z } from 'zod';

export const jobsConfig = {
  host: setting('HOST', z.string().default('127.0.0.1'), { about: 'address to listen on' }),
  port: setting('JOBS_PORT', z.coerce.number().int().min(0).max(65_535).default(8003), {
    about: 'TCP port of the health checks',
  }),
};
export type JobsConfig = ConfigOf<typeof jobsConfig>;
