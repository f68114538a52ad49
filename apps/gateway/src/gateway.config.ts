import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

export const gatewayConfig = {
  host: setting('HOST', z.string().default('127.0.0.1'), { about: 'address to listen on' }),
  port: setting('GATEWAY_PORT', z.coerce.number().int().min(0).max(65_535).default(8000), {
    about: 'TCP port of predictions',
  }),
  name: setting(
    'GATEWAY_NAME',
    z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .default('gateway-0'),
    {
      about: 'tells gateways apart in certificates and in the log',
    },
  ),
};
export type GatewayConfig = ConfigOf<typeof gatewayConfig>;
