import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

export const telemetryConfig = {
  logLevel: setting(
    'LOG_LEVEL',
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
    {
      about: 'least severe log lines that are written',
    },
  ),
  metricsPort: setting('METRICS_PORT', z.coerce.number().int().min(0).max(65535).optional(), {
    about: 'port of /metrics for Prometheus; without it there is none',
  }),
};
export type TelemetryConfig = ConfigOf<typeof telemetryConfig>;
