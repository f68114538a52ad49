import type { BudgetForecast } from '@castellan/contracts';
import { epsilonText } from './pico-epsilon.js';
import { mostOf, type DaySpending } from './privacy-ledger.js';

const DAY_MS = 86_400_000;
/** The rate is that of the last so many days, or of as many as there are. */
const WINDOW_DAYS = 30;
/** An end that is farther off is none. */
const FARTHEST_DAYS = 36_500;

interface DayUse {
  readonly day: string;
  /** Of the limit, at the end of the day: of the whole table and of the part that has most. */
  readonly used: bigint;
}

/** What was used of a budget, day by day, and when it ends at the rate of late. For people; nothing is decided by it. */
export function forecast(spending: readonly DaySpending[], limitPico: bigint, now: Date): BudgetForecast {
  const uses = usesOf(spending);
  const today = dayOf(now);
  const first = uses[0]?.day ?? today;
  const days = Math.min(WINDOW_DAYS, daysBetween(first, today) + 1);
  const windowStart = dayOf(new Date(now.getTime() - (days - 1) * DAY_MS));
  const before = uses.findLast(({ day }) => day < windowStart)?.used ?? 0n;
  const used = uses.at(-1)?.used ?? 0n;
  const lately = used - before;
  return {
    perDay: epsilonText(lately / BigInt(days)),
    days,
    ...endOf(limitPico - used, lately, days, now),
    daily: uses.map(({ day, used: sofar }) => ({ day, remaining: epsilonText(limitPico - sofar) })),
  };
}

function endOf(remaining: bigint, lately: bigint, days: number, now: Date): Pick<BudgetForecast, 'endsAt'> {
  if (lately <= 0n) return {};
  const daysLeft = (Number(remaining) * days) / Number(lately);
  if (daysLeft > FARTHEST_DAYS) return {};
  return { endsAt: new Date(now.getTime() + daysLeft * DAY_MS).toISOString() };
}

function usesOf(spending: readonly DaySpending[]): DayUse[] {
  let whole = 0n;
  const parts = new Map<number, bigint>();
  const uses = new Map<string, bigint>();
  for (const { day, part, pico } of spending) {
    if (part === null) whole += pico;
    else parts.set(part, (parts.get(part) ?? 0n) + pico);
    const most = mostOf(Array.from(parts.values(), (costPico) => ({ costPico, costAtto: 0n })));
    uses.set(day, whole + most.costPico);
  }
  return Array.from(uses, ([day, used]) => ({ day, used }));
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function daysBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS));
}
