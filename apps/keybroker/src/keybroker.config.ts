import { retentionConfig } from '@castellan/audit';
import { setting, type ConfigOf } from '@castellan/config';
import { z } from 'zod';

const JoinTokens = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.partialRecord(z.enum(['api', 'gateway', 'worker', 'jobs']), z.string().regex(/^[0-9a-f]{64}$/)));

export const keybrokerConfig = {
  port: setting('KEYBROKER_PORT', z.coerce.number().int().min(0).max(65535).default(8443), {
    about: 'HTTPS port',
  }),
  host: setting('HOST', z.string().default('127.0.0.1'), { about: 'address to listen on' }),
  folder: setting('KEYBROKER_DIR', z.string().min(1), { about: "the keybroker's own folder" }),
  kmsPassphrase: setting('KMS_PASSPHRASE', z.string().min(1).optional(), {
    about: 'opens the local key store; required without KMS_URL',
    secret: true,
  }),
  kmsFile: setting('KMS_FILE', z.string().optional(), {
    about: 'local key store; default KEYBROKER_DIR/kms.json',
  }),
  officersFile: setting('OFFICERS_FILE', z.string().optional(), {
    about: 'public keys (PEM) of the security officers, pinned at the first start and never read again',
  }),
  joinTokens: setting('JOIN_TOKENS', JoinTokens, {
    about: 'JSON: for each role (api, gateway, worker, jobs) the hex SHA-256 of its join token',
  }),
  leaseMs: setting('LEASE_MS', z.coerce.number().int().min(500).max(3_600_000).default(3000), {
    about: 'how long released keys may be held without asking again, in milliseconds',
  }),
  destructionWaitMs: setting(
    'DESTRUCTION_WAIT_MS',
    z.coerce
      .number()
      .int()
      .min(1000)
      .max(90 * 86_400_000)
      .default(86_400_000),
    { about: 'how long after the second order a destruction can still be cancelled, in milliseconds' },
  ),
  ...retentionConfig,
  releasesPerMinute: setting(
    'RELEASES_PER_MINUTE',
    z.coerce.number().int().min(1).max(100_000).default(240),
    {
      about: 'how often one process may ask for keys',
    },
  ),
};
export type KeybrokerConfig = ConfigOf<typeof keybrokerConfig>;
