import { blobStoreConfig } from '@castellan/blob-store';
import { setting } from '@castellan/config';
import { databaseConfig } from '@castellan/database';
import { kmsConfig } from '@castellan/kms';
import { z } from 'zod';

/** Where an installation of separate services keeps what it has: the settings that its own processes have. */
export const servicesConfig = {
  database: databaseConfig,
  blobs: blobStoreConfig,
  kms: kmsConfig,
  broker: {
    folder: setting('KEYBROKER_DIR', z.string().min(1), { about: "the keybroker's own folder" }),
    kmsFile: setting('KMS_FILE', z.string().optional(), {
      about: 'local key store; default KEYBROKER_DIR/kms.json',
    }),
    passphrase: setting('KMS_PASSPHRASE', z.string().min(1).optional(), {
      about: 'opens the local key store; required without KMS_URL',
      secret: true,
    }),
  },
};
