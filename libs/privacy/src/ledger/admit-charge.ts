import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { BudgetShare } from '@castellan/contracts';
import { Database, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { KnownDataset } from '../dataset/dataset-document.js';
import { DatasetStore, type DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { isShown } from './answer-tick.js';
import { unitOf } from './accounting.js';
import { deltaText } from './atto-delta.js';
import { beyondShare } from './beyond-share.js';
import { FindLimits, type GovernedLimits } from './governed-limits.js';
import { epsilonText } from './pico-epsilon.js';
import {
  mostOf,
  PrivacyLedger,
  remainingDeltaOf,
  remainingOf,
  type BudgetFigures,
  type Cost,
  type LedgerEntryRow,
  type ReleasedRow,
} from './privacy-ledger.js';

/** What somebody wants to learn from a dataset, and what that costs. */
export interface Charge extends Cost {
  readonly dataset: DatasetRow;
  readonly known: KnownDataset;
  /** In words that people read in the ledger. */
  readonly question: string;
  /** SHA-256 over everything that the answer depends on: two with the same digest have the same answer. */
  readonly questionDigest: string;
  /** The parts that it is about, where the declaration divides units into parts; absent or empty: the whole table. */
  readonly parts?: readonly number[];
  /** How often it is shown what became of it; absent: at once. */
  readonly shownEveryMs?: number;
  /** The name of the project on whose behalf; absent: the dataset's own. */
  readonly project?: string | undefined;
}

export type Admission =
  | { readonly outcome: 'answered'; readonly release: ReleasedRow }
  | { readonly outcome: 'under_way'; readonly entryId: string }
  | { readonly outcome: 'reserved'; readonly entryId: string };

/** Whose limit does not hold a charge, and what is left of it. */
export interface Exhausted {
  readonly share: BudgetShare;
  readonly remaining: Cost;
}

type Attempt = Admission | ({ readonly outcome: 'exhausted' } & Exhausted);

/** Who asks, for whom, and within which limits. */
interface Asker {
  readonly actor: Actor;
  readonly project: { readonly id: string; readonly name: string };
  readonly limits: GovernedLimits;
}

/** Decides whether something may be learnt: free when it was before, else for a charge that every limit holds. */
@Injectable()
export class AdmitCharge {
  constructor(
    private readonly database: Database,
    private readonly datasets: DatasetStore,
    private readonly limits: FindLimits,
    private readonly ledger: PrivacyLedger,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Under the budget's lock, with the audit event in the same transaction; `alongside` changes what belongs to a new entry.
   * @throws budget_exhausted (nothing was charged), ledger_inconsistent, project_unknown, not_permitted
   */
  async execute(
    actor: Actor,
    charge: Charge,
    alongside?: (tx: Tx, entryId: string) => Promise<void>,
  ): Promise<Admission> {
    const { dataset, known } = charge;
    const limits = await this.limits.execute(dataset.id, known);
    const asker = { actor, limits, project: await this.projectFor(actor, charge) };
    const attempt = await this.database.transaction(async (tx) => {
      const attempt = await this.admit(tx, asker, charge);
      if (attempt.outcome === 'reserved') await alongside?.(tx, attempt.entryId);
      return attempt;
    });
    return attempt.outcome === 'exhausted' ? this.refuse(actor, charge, attempt) : attempt;
  }

  /** Whoever asks on behalf of a project is an analyst there. */
  private async projectFor(actor: Actor, { dataset, project }: Charge): Promise<Asker['project']> {
    const own = { id: dataset.projectId, name: dataset.project.name };
    if (project === undefined || project === own.name) return own;
    const { organizationId } = actor;
    const found = await this.datasets.projectByName(this.database.client, organizationId, project);
    if (found === null)
      throw new PrivacyError('project_unknown', {
        kind: 'not_found',
        publicDetail: `Your organisation has no project "${project}".`,
      });
    requireAbility(actor, 'ask', 'Dataset', { organizationId, projectId: found.id });
    return { id: found.id, name: project };
  }

  private async admit(tx: Tx, asker: Asker, charge: Charge): Promise<Attempt> {
    const { dataset, question, questionDigest, costPico, costAtto, parts = [] } = charge;
    const { actor, project, limits } = asker;
    const budget = await this.ledger.lock(tx, dataset.id, limits);
    const newest = await this.ledger.newestFor(tx, dataset.id, questionDigest);
    if (newest && isUnderWay(newest, charge, new Date())) {
      await this.audit.append(tx, privacyEvents.repeated(actor, dataset, newest));
      return { outcome: 'under_way', entryId: newest.id };
    }
    const release = await this.ledger.released(tx, dataset.id, questionDigest);
    if (release) {
      const answered = { id: release.entryId, questionDigest };
      await this.audit.append(tx, privacyEvents.repeated(actor, dataset, answered));
      return { outcome: 'answered', release };
    }
    const person = { id: actor.personId, name: actor.name };
    const spending = { datasetId: dataset.id, person, project };
    const beyond = await beyondShare(this.ledger, tx, limits, spending, { costPico, costAtto });
    if (beyond) return { outcome: 'exhausted', ...beyond };
    const { personId } = actor;
    const cost = { costPico, costAtto, parts };
    const about = { datasetId: dataset.id, personId, projectId: project.id, questionDigest, question };
    const entry = await this.ledger.reserve(tx, { ...about, ...cost });
    if (entry === undefined) {
      const remaining = remainingFor(budget, await this.ledger.parts(tx, dataset.id), parts);
      return { outcome: 'exhausted', share: { kind: 'dataset' }, remaining };
    }
    await this.audit.append(tx, privacyEvents.reserved(actor, dataset, entry));
    return { outcome: 'reserved', entryId: entry.id };
  }

  /** Refuses after its event is durable. */
  private async refuse(actor: Actor, charge: Charge, exhausted: Exhausted): Promise<never> {
    const { dataset, question, costPico, costAtto } = charge;
    const { share, remaining } = exhausted;
    await this.audit.appendDurably(privacyEvents.refused(actor, dataset, question, charge, exhausted));
    const of = shareText(dataset, share);
    if (costPico <= remaining.costPico) {
      const [cost, left] = [deltaText(costAtto), deltaText(remaining.costAtto)];
      throw refusal(of, { delta: cost, remainingDelta: left }, `delta ${cost}`, left);
    }
    const [cost, left] = [epsilonText(costPico), epsilonText(remaining.costPico)];
    const unit = unitOf(charge.known.table.accounting);
    throw refusal(of, { cost, remaining: left }, `${unit} ${cost}`, left);
  }
}

/** For whoever asks: before it is shown what became of a question, it is still under way. */
function isUnderWay(entry: LedgerEntryRow, { shownEveryMs }: Charge, now: Date): boolean {
  if (entry.settledAt === null || shownEveryMs === undefined) return entry.settledAt === null;
  return !isShown(entry, shownEveryMs, now);
}

/** What is left for a question about these parts, or about the whole table. */
export function remainingFor(
  budget: BudgetFigures,
  used: readonly (Cost & { readonly part: number })[],
  parts: readonly number[],
): Cost {
  const left = { costPico: remainingOf(budget), costAtto: remainingDeltaOf(budget) };
  if (parts.length === 0) return left;
  const most = mostOf(used.filter(({ part }) => parts.includes(part)));
  return {
    costPico: left.costPico + budget.partsPico - most.costPico,
    costAtto: left.costAtto + budget.partsAtto - most.costAtto,
  };
}

function shareText({ name }: DatasetRow, share: BudgetShare): string {
  if (share.kind === 'dataset') return `the budget of "${name}"`;
  return `what the ${share.kind} "${share.name}" may spend of "${name}"`;
}

function refusal(
  of: string,
  meta: Readonly<Record<string, string>>,
  cost: string,
  left: string,
): PrivacyError {
  return new PrivacyError('budget_exhausted', {
    kind: 'exhausted',
    publicDetail: `This question costs ${cost}; ${of} has ${left} left. Nothing was charged.`,
    meta,
  });
}
