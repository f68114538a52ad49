import type { Budget } from '@castellan/contracts';

/** What was left after each charge, oldest first; the first point is the whole budget. */
export interface BurnPoint {
  /** How many questions had been charged. */
  readonly question: number;
  readonly remaining: number;
  readonly at?: string;
  readonly person?: string;
  readonly epsilon?: string | undefined;
  readonly rho?: string | undefined;
}

/** Figures for drawing only: the ledger's own decimals are exact, these are not. */
export function burnDown({ limit, entries }: Budget): BurnPoint[] {
  const charged = entries
    .filter(({ state }) => state !== 'refunded')
    .toSorted((left, right) => left.createdAt.localeCompare(right.createdAt));
  let remaining = Number(limit);
  const points: BurnPoint[] = [{ question: 0, remaining }];
  for (const { epsilon, rho, createdAt, person } of charged) {
    remaining = Math.max(0, remaining - Number(epsilon ?? rho));
    points.push({ question: points.length, remaining, at: createdAt, person, epsilon, rho });
  }
  return points;
}
