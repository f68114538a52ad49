import type { Budget, EpsilonDelta, LedgerEntry } from '@castellan/contracts';
import { ATTO_PER_DELTA } from '@castellan/differential-privacy';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { ProtectedTable } from '../declaration/protected-table.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { readDocument } from '../dataset/dataset-document.js';
import { isShown, shownFrom } from './answer-tick.js';
import { epsilonAt, lossText, type Accounting } from './accounting.js';
import { deltaChargeOf, deltaText } from './atto-delta.js';
import { forecast } from './forecast.js';
import { FindLimits, type GovernedLimits } from './governed-limits.js';
import { personNames, type NameOf } from './person-names.js';
import { epsilonText } from './pico-epsilon.js';
import {
  PrivacyLedger,
  remainingDeltaOf,
  remainingOf,
  type BudgetFigures,
  type LedgerEntryRow,
  type PartFigures,
} from './privacy-ledger.js';

const ENTRIES_SHOWN = 200;

/** The second it happened in: finer times would tell how long a measurement took. */
export function coarse(time: Date): string {
  return new Date(Math.floor(time.getTime() / 1000) * 1000).toISOString();
}

/** The ledger of a dataset as the contract shows it. */
@Injectable()
export class ShowBudget {
  constructor(
    private readonly database: Database,
    private readonly ledger: PrivacyLedger,
    private readonly limits: FindLimits,
  ) {}

  async execute(dataset: DatasetRow, now = new Date()): Promise<Budget> {
    const known = readDocument(dataset);
    const tickMs = known.table.answerTickMs;
    const [sums, entries, parts, spending, limits] = await Promise.all([
      this.ledger.figures(dataset.id),
      this.ledger.entries(dataset.id, ENTRIES_SHOWN),
      this.ledger.parts(this.database.client, dataset.id),
      this.ledger.spending(dataset.id),
      this.limits.execute(dataset.id, known),
    ]);
    const figures = asShown(
      {
        ...sums,
        limitPico: lesser(sums.limitPico, limits.limitPico),
        limitAtto: lesser(sums.limitAtto, limits.limitAtto),
      },
      entries.filter((entry) => !isShown(entry, tickMs, now)),
    );
    const names = await this.names(entries);
    return {
      dataset: dataset.name,
      privacyUnit: known.table.privacyUnit.name,
      accounting: known.table.accounting,
      ...asEpsilonOf(known.table.accounting, figures),
      limit: epsilonText(figures.limitPico),
      spent: epsilonText(figures.spentPico + figures.partsPico),
      reserved: epsilonText(figures.reservedPico),
      remaining: epsilonText(remainingOf(figures)),
      ...deltaOf(figures),
      ...partsOf(known.table, figures, parts),
      shares: await this.sharesOf(dataset.id, limits),
      forecast: forecast(spending, figures.limitPico, now),
      ...(figures.restoredAt === null ? {} : { restoredAt: figures.restoredAt.toISOString() }),
      entries: entries.map((entry) => showEntry(entry, known.table, names, now)),
    };
  }

  private async names(entries: readonly LedgerEntryRow[]): Promise<Names> {
    const projects = await this.database.client.project.findMany({
      where: { id: { in: [...new Set(entries.map(({ projectId }) => projectId))] } },
      select: { id: true, name: true },
    });
    const projectNames = new Map(projects.map(({ id, name }) => [id, name]));
    const person = await personNames(
      this.database,
      entries.map(({ personId }) => personId),
    );
    return { person, project: (id) => projectNames.get(id) ?? id };
  }

  /** Of everybody who has spent something and has a limit of her own. */
  private async sharesOf(datasetId: string, limits: GovernedLimits): Promise<Budget['shares']> {
    const used = await this.ledger.usedByEach(datasetId);
    return used.flatMap(({ kind, name, costPico }) => {
      const share = { kind, name };
      const limit = limits.of(share)?.limitPico;
      if (limit === undefined) return [];
      const remaining = epsilonText(limit - costPico);
      return [{ share, limit: epsilonText(limit), used: epsilonText(costPico), remaining }];
    });
  }
}

function lesser(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

interface Names {
  readonly person: NameOf;
  readonly project: NameOf;
}

function partsOf(
  { partedBy }: ProtectedTable,
  figures: BudgetFigures,
  used: readonly PartFigures[],
): Pick<Budget, 'parts'> {
  if (partedBy === undefined) return {};
  const left = remainingOf(figures) + figures.partsPico;
  return {
    parts: {
      column: partedBy.name,
      used: used.map(({ part, costPico }) => ({
        value: partedBy.values[part] ?? '',
        used: epsilonText(costPico),
        remaining: epsilonText(left - costPico),
      })),
    },
  };
}

/** Nothing for a dataset that never had any. */
function deltaOf(figures: BudgetFigures): Pick<Budget, 'delta'> {
  if (figures.limitAtto === 0n) return {};
  return {
    delta: {
      limit: deltaText(figures.limitAtto),
      spent: deltaText(figures.spentAtto + figures.partsAtto),
      reserved: deltaText(figures.reservedAtto),
      remaining: deltaText(remainingDeltaOf(figures)),
    },
  };
}

/** At which a loss in rho is said as epsilon: beside what thresholds and trainings have charged of delta itself. */
const SHOWN_ATTO = deltaChargeOf('1e-6');

function asEpsilonOf(accounting: Accounting, figures: BudgetFigures): Pick<Budget, 'asEpsilon'> {
  if (accounting === 'pure') return {};
  const said = (pico: bigint, atto: bigint): EpsilonDelta => ({
    epsilon: epsilonAt(pico, Number(SHOWN_ATTO) / Number(ATTO_PER_DELTA)),
    delta: deltaText(SHOWN_ATTO + atto),
  });
  const { limitPico, limitAtto, spentPico, partsPico, spentAtto, partsAtto } = figures;
  return {
    asEpsilon: {
      limit: said(limitPico, limitAtto),
      spent: said(spentPico + partsPico, spentAtto + partsAtto),
    },
  };
}

/** What has been spent since the last tick is shown as reserved still: see `answer-tick`. */
function asShown(figures: BudgetFigures, notShown: readonly LedgerEntryRow[]): BudgetFigures {
  const late = notShown.filter(({ state, parts }) => state === 'committed' && parts.length === 0);
  const pico = late.reduce((sum, { costPico }) => sum + costPico, 0n);
  const atto = late.reduce((sum, { costAtto }) => sum + costAtto, 0n);
  return {
    ...figures,
    spentPico: figures.spentPico - pico,
    reservedPico: figures.reservedPico + pico,
    spentAtto: figures.spentAtto - atto,
    reservedAtto: figures.reservedAtto + atto,
  };
}

function showEntry(
  entry: LedgerEntryRow,
  { partedBy, answerTickMs, accounting }: ProtectedTable,
  names: Names,
  now: Date,
): LedgerEntry {
  const settledAt = isShown(entry, answerTickMs, now) ? shownFrom(entry, answerTickMs) : undefined;
  const { state } = entry;
  return {
    id: entry.id,
    question: entry.question,
    person: names.person(entry.personId),
    project: names.project(entry.projectId),
    ...lossText(accounting, entry.costPico),
    ...(entry.costAtto === 0n ? {} : { delta: deltaText(entry.costAtto) }),
    ...(entry.parts.length === 0 ? {} : { parts: entry.parts.map((part) => partedBy?.values[part] ?? '') }),
    state: settledAt && (state === 'committed' || state === 'refunded') ? state : 'reserved',
    createdAt: coarse(entry.createdAt),
    ...(settledAt === undefined ? {} : { settledAt: coarse(settledAt) }),
  };
}
