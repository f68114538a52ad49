import { z } from 'zod';
import { requireBlobKey } from './blob-key.js';
import { BlobStoreError } from './blob-store-error.js';

/** Where blobs lie in an S3 or S3-compatible store. */
export interface S3Address {
  readonly bucket: string;
  /** Before every key, without a slash at its end; empty for none. */
  readonly prefix: string;
  /** Of a server that is not AWS; undefined for AWS itself. */
  readonly endpoint?: string;
  readonly region: string;
  /** `https://host/bucket/key`, or `https://bucket.host/key`. */
  readonly addressing: 'path' | 'virtual';
}

const options = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  region: z.string().regex(/^[a-z0-9-]+$/),
  addressing: z.enum(['path', 'virtual']).optional(),
});
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);

/**
 * Reads `s3://bucket/prefix?region=…&endpoint=https://…&addressing=path|virtual`. Without an endpoint it is AWS, addressed by
 * host name; with one the default is by path, as most other servers want it. Without a region, `us-east-1`.
 * Fails with `blob_url_invalid`.
 */
export function readS3Address(url: string): S3Address {
  try {
    const { protocol, hostname, username, password, pathname, searchParams } = new URL(url);
    if (protocol !== 's3:' || username !== '' || password !== '') throw new Error('not an s3 address');
    const prefix = decodeURIComponent(pathname).replace(/^\/|\/$/g, '');
    if (prefix !== '') requireBlobKey(prefix);
    const given = options.parse({ region: 'us-east-1', ...Object.fromEntries(searchParams) });
    const addressing = given.addressing ?? (given.endpoint === undefined ? 'virtual' : 'path');
    return { ...given, bucket: bucketName.parse(hostname), prefix, addressing };
  } catch (cause) {
    throw new BlobStoreError('blob_url_invalid', cause);
  }
}
