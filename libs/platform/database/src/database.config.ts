import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

export const databaseConfig = {
  url: setting('DATABASE_URL', z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgresql:// address'), {
    about: 'PostgreSQL address with credentials',
    secret: true,
  }),
  poolSize: setting('DATABASE_POOL_SIZE', z.coerce.number().int().min(1).max(500).default(10), {
    about: 'most database connections held by this process',
  }),
};
export type DatabaseConfig = ConfigOf<typeof databaseConfig>;
