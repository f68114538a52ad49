import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

export const keybrokerConfig = {
  url: setting('KEYBROKER_URL', z.url({ protocol: /^https$/ }), {
    about: 'the keybroker, https://host:port',
  }),
  ca: setting('KEYBROKER_CA', z.string().startsWith('-----BEGIN CERTIFICATE-----'), {
    about: "the platform authority's certificate, PEM; usually from its file",
    secret: true,
  }),
  joinToken: setting('JOIN_TOKEN', z.string().min(16), {
    about: 'proves to the keybroker that this process may join in its role',
    secret: true,
  }),
};
export type KeybrokerConfig = ConfigOf<typeof keybrokerConfig>;
