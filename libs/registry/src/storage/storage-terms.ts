import type { RegistryConfig } from '../registry.config.js';

const HOUR_MS = 3_600_000;

/** How long things are kept that nobody goes on with. */
export class StorageTerms {
  constructor(private readonly config: RegistryConfig) {}

  /** An upload last touched before this is abandoned: it isn't counted any more, and collected in time. */
  uploadsAbandonedBefore(now: Date): Date {
    return new Date(now.getTime() - this.config.uploadsKeptHours * HOUR_MS);
  }

  uploadExpiry(touchedAt: Date): Date {
    return new Date(touchedAt.getTime() + this.config.uploadsKeptHours * HOUR_MS);
  }

  /** Loose since before this: marked. Marked since before this: swept. */
  garbageBefore(now: Date): Date {
    return new Date(now.getTime() - this.config.garbageWaitHours * HOUR_MS);
  }
}
