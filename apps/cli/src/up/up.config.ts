import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

/** What `castellan up` reads from the environment. */
export const upConfig = {
  passphrase: setting(
    'CASTELLAN_PASSPHRASE',
    z.string().min(12, 'must have at least 12 characters').optional(),
    {
      about: 'seals the keybroker’s key store; made at first start where it is not given',
      secret: true,
    },
  ),
};
export type UpConfig = ConfigOf<typeof upConfig>;
