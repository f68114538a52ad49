import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

export const queueConfig = {
  databaseUrl: setting(
    'DATABASE_URL',
    z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgresql:// address'),
    { about: 'PostgreSQL address with credentials', secret: true },
  ),
  redisUrl: setting(
    'REDIS_URL',
    z
      .string()
      .regex(/^rediss?:\/\//, 'must be a redis:// or rediss:// address')
      .optional(),
    { about: 'Redis for the job queue; without it PostgreSQL is the queue', secret: true },
  ),
};
export type QueueConfig = ConfigOf<typeof queueConfig>;
