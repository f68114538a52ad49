import type { Tx } from '@castellan/database';
import type { Exhausted } from './admit-charge.js';
import type { GovernedLimits } from './governed-limits.js';
import type { Cost, PrivacyLedger } from './privacy-ledger.js';

/** Whoever spends, and on whose behalf. */
export interface Spending {
  readonly datasetId: string;
  readonly person: { readonly id: string; readonly name: string };
  readonly project: { readonly id: string; readonly name: string };
}

/** The first limit of a person's or a project's own that does not hold `cost` beside what they have reserved and spent. */
export async function beyondShare(
  ledger: PrivacyLedger,
  tx: Tx,
  limits: GovernedLimits,
  { datasetId, person, project }: Spending,
  cost: Cost,
): Promise<Exhausted | undefined> {
  const shares = [
    { share: { kind: 'person', name: person.name }, spender: { personId: person.id } },
    { share: { kind: 'project', name: project.name }, spender: { projectId: project.id } },
  ] as const;
  for (const { share, spender } of shares) {
    const limit = limits.of(share);
    if (limit === undefined) continue;
    const used = await ledger.usedBy(tx, datasetId, spender);
    const remaining = {
      costPico: limit.limitPico - used.costPico,
      costAtto: limit.limitAtto - used.costAtto,
    };
    if (cost.costPico > remaining.costPico || cost.costAtto > remaining.costAtto) return { share, remaining };
  }
  return undefined;
}
