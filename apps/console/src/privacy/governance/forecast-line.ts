import type { BudgetForecast } from '@castellan/contracts';

const DAY_MS = 86_400_000;

/** A point of the burn-down: what was left, or what will be at the present rate. */
export interface ForecastPoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly left?: number;
  readonly expected?: number;
}

/** Figures for drawing only: the ledger's own decimals are exact, these are not. */
export function forecastLine(
  { daily, endsAt }: BudgetForecast,
  { limit, remaining }: { readonly limit: string; readonly remaining: string },
  now: number,
): ForecastPoint[] {
  const [first] = daily;
  const begin = first === undefined ? now : Date.parse(first.day);
  const known = daily.map(({ day, remaining: left }) => ({
    at: Math.min(now, Date.parse(day) + DAY_MS),
    left: Number(left),
  }));
  const today = { at: now, left: Number(remaining), ...(endsAt && { expected: Number(remaining) }) };
  const end = endsAt === undefined ? [] : [{ at: Date.parse(endsAt), expected: 0 }];
  return [{ at: begin, left: Number(limit) }, ...known, today, ...end];
}
