import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

export const blobStoreConfig = {
  url: setting('BLOB_URL', z.url({ protocol: /^(file|s3)$/, error: 'must be a file:/// or s3:// address' }), {
    about:
      'object store of sealed files: file:///absolute/folder, or s3://bucket/prefix?region=R' +
      '[&endpoint=https://HOST][&addressing=path|virtual] with credentials as the AWS tools take them',
  }),
};
export type BlobStoreConfig = ConfigOf<typeof blobStoreConfig>;
