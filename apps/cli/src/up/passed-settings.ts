import type { Environment } from '@castellan/config';
import type { AppName } from './plans.js';

/** Settings that the owner of an installation may change, and the one or two processes that read each. */
const readers: Readonly<Record<string, readonly AppName[]>> = {
  AUDIT_RETENTION_MINIMUM: ['api', 'jobs', 'keybroker'],
  AUDIT_TSA_CA_FILE: ['jobs'],
  AUDIT_TSA_INTERVAL_MINUTES: ['jobs'],
  AUDIT_TSA_URL: ['jobs'],
  AUDIT_WITNESSES: ['jobs'],
  DATASET_BUCKETS: ['api', 'jobs'],
  DATASET_DATABASES: ['api'],
  DESTRUCTION_WAIT_MS: ['keybroker'],
  FORWARDING_NETWORKS: ['jobs'],
  GARBAGE_WAIT_HOURS: ['api', 'jobs'],
  MEASURE_MEMORY_MB: ['jobs'],
  MEASURE_THREADS: ['jobs'],
  UPLOADS_KEPT_HOURS: ['api', 'jobs'],
};

/** What `castellan up` hands on from its own environment to one process; everything else stays where it is. */
export function passedSettings(environment: Environment, name: AppName): Record<string, string> {
  return Object.fromEntries(
    Object.entries(readers).flatMap(([setting, names]) => {
      const value = environment[setting];
      return value === undefined || !names.includes(name) ? [] : [[setting, value]];
    }),
  );
}
