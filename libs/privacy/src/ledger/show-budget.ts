import type { Budget, LedgerEntry } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { readDocument } from '../dataset/dataset-document.js';
import { deltaText } from './atto-delta.js';
import { personNames } from './person-names.js';
import { epsilonText } from './pico-epsilon.js';
import {
  PrivacyLedger,
  remainingDeltaOf,
  remainingOf,
  type BudgetFigures,
  type LedgerEntryRow,
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
  ) {}

  async execute(dataset: DatasetRow): Promise<Budget> {
    const [figures, entries] = await Promise.all([
      this.ledger.figures(dataset.id),
      this.ledger.entries(dataset.id, ENTRIES_SHOWN),
    ]);
    const nameOf = await personNames(
      this.database,
      entries.map(({ personId }) => personId),
    );
    return {
      dataset: dataset.name,
      privacyUnit: readDocument(dataset).table.privacyUnit.name,
      limit: epsilonText(figures.limitPico),
      spent: epsilonText(figures.spentPico),
      reserved: epsilonText(figures.reservedPico),
      remaining: epsilonText(remainingOf(figures)),
      ...deltaOf(figures),
      entries: entries.map((entry) => showEntry(entry, nameOf(entry.personId))),
    };
  }
}

/** Nothing for a dataset that never had any. */
function deltaOf(figures: BudgetFigures): Pick<Budget, 'delta'> {
  if (figures.limitAtto === 0n) return {};
  return {
    delta: {
      limit: deltaText(figures.limitAtto),
      spent: deltaText(figures.spentAtto),
      reserved: deltaText(figures.reservedAtto),
      remaining: deltaText(remainingDeltaOf(figures)),
    },
  };
}

function showEntry(entry: LedgerEntryRow, person: string): LedgerEntry {
  return {
    id: entry.id,
    question: entry.question,
    person,
    epsilon: epsilonText(entry.costPico),
    ...(entry.costAtto === 0n ? {} : { delta: deltaText(entry.costAtto) }),
    state: entry.state === 'committed' ? 'committed' : entry.state === 'refunded' ? 'refunded' : 'reserved',
    createdAt: coarse(entry.createdAt),
    ...(entry.settledAt === null ? {} : { settledAt: coarse(entry.settledAt) }),
  };
}
