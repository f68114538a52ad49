import { type ConfigOf, setting } from '@castellan/config';
import { EventClass } from '@castellan/contracts';
import { z } from 'zod';
import { legalMinima, type Minima } from './event-class.js';

const Days = z.coerce.number().int().min(0).max(36_525);

const Minimum = z
  .string()
  .default('')
  .transform((text, context): Minima => {
    const given = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim().split('=')]));
    const minima = z
      .partialRecord(EventClass, Days)
      .safeParse(Object.fromEntries(given.map(([name, days]) => [name, days ?? 'missing'])));
    if (minima.success) return { ...legalMinima, ...minima.data };
    const example = Object.entries(legalMinima).map(([name, days]) => `${name}=${days}`);
    context.addIssue({ code: 'custom', message: `must be days by class, such as ${example.join(',')}` });
    return z.NEVER;
  });

/** Read by the process that sets retention and, apart from it, by the one that permits expiry. */
export const retentionConfig = {
  retentionMinima: setting('AUDIT_RETENTION_MINIMUM', Minimum, {
    about:
      'days for which events of a class must be kept, as class=days,…; default: the legal minima predictions=183,access=183,privacy=1096,governance=3653',
  }),
};
export type RetentionConfig = ConfigOf<typeof retentionConfig>;
