import { type ConfigOf, setting } from '@castellan/config';
import { z } from 'zod';

export const apiConfig = {
  host: setting('HOST', z.string().default('127.0.0.1'), { about: 'address to listen on' }),
  port: setting('API_PORT', z.coerce.number().int().min(0).max(65_535).default(8080), {
    about: 'TCP port of the api and the console',
  }),
  gatewayUrl: setting('GATEWAY_URL', z.url().default('http://127.0.0.1:8000'), {
    about: "where the console's prediction form is forwarded to",
  }),
  consoleFolder: setting('CONSOLE_DIR', z.string().optional(), {
    about: 'the built console; default: the one beside this app',
  }),
};
export type ApiConfig = ConfigOf<typeof apiConfig>;
