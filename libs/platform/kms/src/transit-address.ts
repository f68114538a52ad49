import { z } from 'zod';
import { KmsError } from './kms-error.js';

/** A key in the Transit engine of a Vault or OpenBao server. */
export interface TransitAddress {
  /** `https://host:8200` */
  readonly server: string;
  readonly mount: string;
  readonly key: string;
  readonly namespace?: string;
}

const path = z.string().regex(/^\/[\w-]+(\/[\w-]+)*\/[\w-]+$/);
const options = z.strictObject({
  /** `off` speaks plain HTTP, to a sidecar on this machine for example. */
  tls: z.enum(['on', 'off']).default('on'),
  namespace: z
    .string()
    .regex(/^[\w/-]+$/)
    .optional(),
});

/** Reads `vault://host[:port]/mount/key[?namespace=…][&tls=off]`. Fails with `kms_url_invalid`. */
export function readTransitAddress(url: string): TransitAddress {
  try {
    const { protocol, host, username, password, pathname, searchParams } = new URL(url);
    if (protocol !== 'vault:' || host === '' || username !== '' || password !== '') {
      throw new Error('not a vault address');
    }
    const { tls, ...rest } = options.parse(Object.fromEntries(searchParams));
    const names = path.parse(pathname).slice(1);
    const keyAt = names.lastIndexOf('/');
    return {
      server: `${tls === 'on' ? 'https' : 'http'}://${host}`,
      mount: names.slice(0, keyAt),
      key: names.slice(keyAt + 1),
      ...rest,
    };
  } catch (cause) {
    throw new KmsError('kms_url_invalid', cause);
  }
}
