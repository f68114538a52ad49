import { isIP } from 'node:net';
import { type ConfigOf, setting } from '@castellan/config';
import { z } from 'zod';

const Network = z.string().refine((text) => {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const bits = isIP(address) === 6 ? 128 : isIP(address) === 4 ? 32 : -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}, 'must be networks such as 10.20.0.0/16, separated by commas');

export const forwardingConfig = {
  networks: setting(
    'FORWARDING_NETWORKS',
    z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      )
      .pipe(z.array(Network)),
    { about: 'networks that are not public and audit events may be forwarded to, in CIDR notation' },
  ),
};
export type ForwardingConfig = ConfigOf<typeof forwardingConfig>;
