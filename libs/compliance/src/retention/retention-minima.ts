import type { Minima } from '@castellan/audit';

/** The days below which nobody can set retention, as Nest provides them: from the settings, out of the database's reach. */
export abstract class RetentionMinima {
  abstract readonly days: Minima;
}
