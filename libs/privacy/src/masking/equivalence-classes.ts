import type { MaskingRequest } from '@castellan/contracts';
import { PrivacyError } from '../privacy-error.js';
import { Distribution } from './value-distance.js';
import type { MaskingPlan } from './masking-plan.js';

interface EquivalenceClass {
  rows: number;
  readonly units: Set<string>;
  /** Of each sensitive column: how often each value occurs. */
  readonly values: readonly Map<string, number>[];
}

/** What the rows that may be released attain. */
export interface Attained {
  readonly rows: number;
  readonly suppressedRows: number;
  readonly classes: number;
  readonly k: number;
  readonly l?: number;
  readonly t?: number;
}

/**
 * Rows that are alike in their quasi-identifiers, as they come out, and what they tell: k counts different privacy units
 * (a person with ten rows hides nobody), l different values of each sensitive column, t the distance of their distribution
 * from the table's (Sweeney 2002, Machanavajjhala 2007, Li 2007).
 *
 * Checks of a release, no guarantee: who knows more than the quasi-identifiers may still tell persons apart.
 */
export class EquivalenceClasses {
  readonly #classes = new Map<string, EquivalenceClass>();
  readonly #quasiAt: readonly number[];
  readonly #sensitiveAt: readonly number[];
  readonly #whole: readonly Distribution[];

  constructor(private readonly plan: MaskingPlan) {
    const having = (role: string) => plan.columns.flatMap((column, at) => (column.role === role ? [at] : []));
    this.#quasiAt = having('quasi_identifier');
    this.#sensitiveAt = having('sensitive');
    this.#whole = this.#sensitiveAt.map((at) => new Distribution(plan.columns[at]?.ordered === true));
  }

  /** `masked` as it would come out, of this unit. */
  add(masked: readonly string[], unit: string): void {
    const key = this.#keyOf(masked);
    const found = this.#classes.get(key) ?? this.#open(key);
    found.rows += 1;
    // A row of nobody's hides nobody.
    if (unit !== '') found.units.add(unit);
    for (const [n, at] of this.#sensitiveAt.entries()) {
      const value = masked[at] ?? '';
      this.#whole[n]?.add(value);
      found.values[n]?.set(value, (found.values[n].get(value) ?? 0) + 1);
    }
  }

  /**
   * Which rows may go, and what they attain.
   * @throws gate_unmet when more rows would have to be left out than the gates allow, or none would be left
   */
  judge(): { readonly attained: Attained; readonly releases: (masked: readonly string[]) => boolean } {
    const released = new Set<string>();
    const best = { k: Infinity, l: Infinity, t: 0 };
    let [rows, suppressedRows] = [0, 0];
    for (const [key, found] of this.#classes) {
      const figures = this.#figuresOf(found);
      if (!holds(figures, this.plan.gates)) {
        suppressedRows += found.rows;
        continue;
      }
      released.add(key);
      rows += found.rows;
      best.k = Math.min(best.k, figures.k);
      best.l = Math.min(best.l, figures.l);
      best.t = Math.max(best.t, figures.t);
    }
    requireFew(suppressedRows, rows, this.plan.gates);
    const sensitive = this.#sensitiveAt.length > 0;
    const attained = {
      ...{ rows, suppressedRows, classes: released.size, k: best.k },
      ...(sensitive ? { l: best.l, t: Math.ceil(best.t * 1_000) / 1_000 } : {}),
    };
    return { attained, releases: (masked) => released.has(this.#keyOf(masked)) };
  }

  #open(key: string): EquivalenceClass {
    const opened = { rows: 0, units: new Set<string>(), values: this.#sensitiveAt.map(() => new Map()) };
    this.#classes.set(key, opened);
    return opened;
  }

  #keyOf(masked: readonly string[]): string {
    return JSON.stringify(this.#quasiAt.map((at) => masked[at] ?? ''));
  }

  #figuresOf({ units, values }: EquivalenceClass): { k: number; l: number; t: number } {
    const distances = values.map((counts, n) => this.#whole[n]?.distanceOf(counts) ?? 0);
    return {
      k: units.size,
      l: Math.min(Infinity, ...values.map((counts) => counts.size)),
      t: Math.max(0, ...distances),
    };
  }
}

function holds(figures: { k: number; l: number; t: number }, { k, l, t }: MaskingRequest['gates']): boolean {
  return figures.k >= k && (l === undefined || figures.l >= l) && (t === undefined || figures.t <= t);
}

function requireFew(
  suppressed: number,
  released: number,
  { k, suppressAtMost }: MaskingRequest['gates'],
): void {
  const share = suppressed / Math.max(1, suppressed + released);
  if (released > 0 && share <= suppressAtMost) return;
  throw new PrivacyError('gate_unmet', {
    kind: 'conflict',
    publicDetail: `The gates (k = ${k} and the others) would hold only without ${Math.ceil(share * 100)} % of the rows; ${Math.floor(suppressAtMost * 100)} % may be left out. Generalise further.`,
  });
}
