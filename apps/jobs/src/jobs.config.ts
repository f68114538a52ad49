import { type ConfigOf, setting } from '@castellan/config';
import { readWitnesses } from '@castellan/audit';
import { CastellanError } from '@castellan/errors';
import { z } from 'zod';

const Witnesses = z
  .string()
  .default('')
  .transform((text, context) => {
    try {
      return readWitnesses(text);
    } catch (error) {
      if (!(error instanceof CastellanError)) throw error;
      context.addIssue({ code: 'custom', message: error.publicDetail });
      return z.NEVER;
    }
  });

export const jobsConfig = {
  host: setting('HOST', z.string().default('127.0.0.1'), { about: 'address to listen on' }),
  port: setting('JOBS_PORT', z.coerce.number().int().min(0).max(65_535).default(8003), {
    about: 'TCP port of the health checks',
  }),
  witnesses: setting('AUDIT_WITNESSES', Witnesses, {
    about:
      'witnesses that cosign checkpoints (C2SP tlog-witness), one a line or separated by ";": submission URL, space, verifier key',
  }),
  tsaUrl: setting('AUDIT_TSA_URL', z.url({ protocol: /^https?$/ }).optional(), {
    about: 'time-stamp authority (RFC 3161) that stamps checkpoints',
  }),
  tsaCaFile: setting('AUDIT_TSA_CA_FILE', z.string().optional(), {
    about: 'CA certificate (PEM) under which its time stamps must be; required with AUDIT_TSA_URL',
  }),
  tsaIntervalMinutes: setting(
    'AUDIT_TSA_INTERVAL_MINUTES',
    z.coerce.number().int().min(1).max(10_080).default(60),
    { about: 'minutes between two time stamps' },
  ),
};
export type JobsConfig = ConfigOf<typeof jobsConfig>;
