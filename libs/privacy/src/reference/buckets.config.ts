import { setting } from '@castellan/config';
import { z } from 'zod';

const BucketAddress = z
  .string()
  .regex(
    /^https?:\/\/[a-z0-9.-]{1,253}(:\d{1,5})?\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    'must be https://host/bucket',
  );

/** For whoever declares an object and for whoever reads it. */
export const buckets = setting(
  'DATASET_BUCKETS',
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])))
    .pipe(z.array(BucketAddress)),
  {
    about:
      'S3 buckets whose objects may be datasets, as https://host/bucket, separated by commas; with http:// nothing on the way is encrypted; none: tables are sealed here',
  },
);
