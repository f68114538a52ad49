import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

export const blobStoreConfig = {
  url: setting('BLOB_URL', z.url({ protocol: /^file$/, error: 'must be a file:/// address' }), {
    about: 'object store of sealed files: file:///absolute/folder',
  }),
};
export type BlobStoreConfig = ConfigOf<typeof blobStoreConfig>;
