import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';
import { buckets } from './reference/buckets.config.js';

export const measurementConfig = {
  threads: setting('MEASURE_THREADS', z.coerce.number().int().min(1).max(256).default(2), {
    about: 'threads of the analytics engine',
  }),
  memoryLimitMb: setting('MEASURE_MEMORY_MB', z.coerce.number().int().min(64).default(1024), {
    about:
      'memory of the analytics engine in MiB; a question that needs more fails, nothing is spilled to disk',
  }),
  buckets,
};
export type MeasurementConfig = ConfigOf<typeof measurementConfig>;
