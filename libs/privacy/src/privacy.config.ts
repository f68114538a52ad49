import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';
import { buckets } from './reference/buckets.config.js';

const Address = z.string().regex(/^[A-Za-z0-9_.:-]+:\d{1,5}$/, 'must be host:port');

export const privacyConfig = {
  databases: setting(
    'DATASET_DATABASES',
    z
      .string()
      .default('')
      .transform((text) => text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])))
      .pipe(z.array(Address)),
    {
      about:
        'PostgreSQL servers whose tables may be datasets, as host:port, separated by commas; none: tables are sealed here',
    },
  ),
  buckets,
};
export type PrivacyConfig = ConfigOf<typeof privacyConfig>;
