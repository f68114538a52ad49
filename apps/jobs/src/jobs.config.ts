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
};
export type JobsConfig = ConfigOf<typeof jobsConfig>;
