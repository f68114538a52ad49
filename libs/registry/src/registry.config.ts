import { type ConfigOf, setting } from '@castellan/config';
import { z } from 'zod';

const hours = (byDefault: number) => z.coerce.number().positive().max(8760).default(byDefault);

export const registryConfig = {
  uploadsKeptHours: setting('UPLOADS_KEPT_HOURS', hours(168), {
    about: 'how long an upload that nobody goes on with is kept and counted, in hours',
  }),
  garbageWaitHours: setting('GARBAGE_WAIT_HOURS', hours(24), {
    about: 'how long a stored blob that nothing names is kept, before and after it is marked, in hours',
  }),
};
export type RegistryConfig = ConfigOf<typeof registryConfig>;
