/**
 * What became of a question is shown at whole ticks after its admission and not before: the answer itself, that there is one, that it is
 * free from now on, and that it was charged. Otherwise the time that a measurement takes could be seen, and with it
 * something of the data or of the noise drawn (arXiv 2112.05307). Where every measurement takes less than a tick, all take
 * exactly one.
 */
export interface Settling {
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

/** Where a declaration names none. */
export const USUAL_TICK_MS = 250;

/** The tick from which on it is shown; undefined while it isn't settled. */
export function shownFrom({ createdAt, settledAt }: Settling, tickMs: number): Date | undefined {
  if (settledAt === null) return undefined;
  const ticks = Math.max(1, Math.ceil((settledAt.getTime() - createdAt.getTime()) / tickMs));
  return new Date(createdAt.getTime() + ticks * tickMs);
}

export function isShown(entry: Settling, tickMs: number, now: Date): boolean {
  const from = shownFrom(entry, tickMs);
  return from !== undefined && from <= now;
}

/** The first tick after `now`. */
export function nextTick({ createdAt }: Pick<Settling, 'createdAt'>, tickMs: number, now: Date): Date {
  const ticks = Math.floor((now.getTime() - createdAt.getTime()) / tickMs) + 1;
  return new Date(createdAt.getTime() + Math.max(1, ticks) * tickMs);
}
