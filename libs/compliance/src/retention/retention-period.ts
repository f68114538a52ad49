import { eventClassOf, type Minima } from '@castellan/audit';
import { EventClass, type RetentionDays } from '@castellan/contracts';

const DAY_MS = 86_400_000;

/** Classes whose days are fewer than the law asks for. */
export function belowMinimum(days: RetentionDays, minima: Minima): EventClass[] {
  return EventClass.options.filter((each) => (days[each] ?? Infinity) < minima[each]);
}

/** Until when events of each class must have happened to have expired by `now`. A minimum that was raised since counts. */
export class RetentionPeriod {
  constructor(
    private readonly days: RetentionDays,
    private readonly minima: Minima,
    private readonly now: Date,
  ) {}

  /** The class of an event whose time is up; `undefined` for one that is kept. */
  expiredClass(action: string, occurredAt: Date): EventClass | undefined {
    const kind = eventClassOf(action);
    const until = kind && this.#until(kind);
    return until !== undefined && occurredAt <= until ? kind : undefined;
  }

  /** No event that happened after this has expired; `undefined` when none ever does. */
  latest(): Date | undefined {
    const all = EventClass.options.flatMap((each) => this.#until(each)?.getTime() ?? []);
    return all.length === 0 ? undefined : new Date(Math.max(...all));
  }

  #until(kind: EventClass): Date | undefined {
    const days = this.days[kind];
    if (days === undefined) return undefined;
    return new Date(this.now.getTime() - Math.max(days, this.minima[kind]) * DAY_MS);
  }
}
