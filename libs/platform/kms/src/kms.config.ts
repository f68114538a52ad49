import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

export const kmsConfig = {
  url: setting(
    'KMS_URL',
    z.url({ protocol: /^(vault|aws-kms)$/, error: 'must be a vault:// or aws-kms:// address' }).optional(),
    {
      about:
        'key store: vault://host:8200/mount/key (Vault or OpenBao Transit), or aws-kms://region/key-id with credentials as ' +
        'the AWS tools take them; default: the local key store',
    },
  ),
  token: setting('KMS_TOKEN', z.string().min(1).optional(), {
    about: 'token for a key store at vault://',
    secret: true,
  }),
};
export type KmsConfig = ConfigOf<typeof kmsConfig>;
