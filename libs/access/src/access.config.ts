import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

export const accessConfig = {
  bootstrapTokenHash: setting(
    'BOOTSTRAP_TOKEN_HASH',
    z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 lowercase hex characters')
      .optional(),
    { about: 'hex SHA-256 of the first sign-in link; used once, while there is nobody yet' },
  ),
};
export type AccessConfig = ConfigOf<typeof accessConfig>;
