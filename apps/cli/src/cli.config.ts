import { homedir } from 'node:os';
import { join } from 'node:path';
import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

/** What the client commands read from the environment. A flag on the command line goes before it. */
export const cliConfig = {
  home: setting('CASTELLAN_HOME', z.string().default(join(homedir(), '.castellan')), {
    about: 'folder of the profile and the signing keys',
  }),
  url: setting('CASTELLAN_URL', z.url({ protocol: /^https?$/ }).optional(), {
    about: 'address of the api, for example http://localhost:8080',
  }),
  gatewayUrl: setting('CASTELLAN_GATEWAY_URL', z.url({ protocol: /^https?$/ }).optional(), {
    about: 'address of the gateway, for example http://localhost:8000',
  }),
  token: setting('CASTELLAN_TOKEN', z.string().optional(), { about: 'API key', secret: true }),
  keyPassphrase: setting('CASTELLAN_KEY_PASSPHRASE', z.string().optional(), {
    about: 'passphrase of the signing key file',
    secret: true,
  }),
  noColor: setting('NO_COLOR', z.string().optional(), { about: 'any value: plain text' }),
};
export type CliConfig = ConfigOf<typeof cliConfig>;
