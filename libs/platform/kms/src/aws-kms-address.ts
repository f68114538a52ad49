import { z } from 'zod';
import { KmsError } from './kms-error.js';

export interface AwsKmsAddress {
  readonly region: string;
  /** An id, `alias/name` or an ARN. */
  readonly keyId: string;
  /** Of a server that is not AWS's own. */
  readonly endpoint?: string;
}

const region = z.string().regex(/^[a-z0-9-]+$/);
const keyId = z.string().regex(/^[\w:/-]{1,2048}$/);
const options = z.strictObject({ endpoint: z.url({ protocol: /^https?$/ }).optional() });

/** Reads `aws-kms://region/key-id[?endpoint=https://…]`. Fails with `kms_url_invalid`. */
export function readAwsKmsAddress(url: string): AwsKmsAddress {
  try {
    const { protocol, host, username, password, pathname, searchParams } = new URL(url);
    if (protocol !== 'aws-kms:' || username !== '' || password !== '')
      throw new Error('not an aws-kms address');
    return {
      region: region.parse(host),
      keyId: keyId.parse(pathname.slice(1)),
      ...options.parse(Object.fromEntries(searchParams)),
    };
  } catch (cause) {
    throw new KmsError('kms_url_invalid', cause);
  }
}
