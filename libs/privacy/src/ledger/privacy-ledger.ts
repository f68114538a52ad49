import { Injectable } from '@nestjs/common';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { PrivacyError } from '../privacy-error.js';

/** Pico: 1e-12 epsilon. Atto: 1e-18 delta. */
export interface BudgetLimits {
  readonly limitPico: bigint;
  readonly limitAtto: bigint;
}

export interface BudgetFigures extends BudgetLimits {
  readonly spentPico: bigint;
  readonly reservedPico: bigint;
  readonly spentAtto: bigint;
  readonly reservedAtto: bigint;
}

export type LedgerEntryRow = Prisma.PrivacyLedgerEntryGetPayload<object>;
export type ReleaseRow = Prisma.PrivacyReleaseGetPayload<object>;

export interface NewEntry {
  readonly datasetId: string;
  readonly personId: string;
  readonly questionDigest: string;
  readonly question: string;
  readonly costPico: bigint;
  readonly costAtto: bigint;
}

export function remainingOf({ limitPico, spentPico, reservedPico }: BudgetFigures): bigint {
  return limitPico - spentPico - reservedPico;
}

export function remainingDeltaOf({ limitAtto, spentAtto, reservedAtto }: BudgetFigures): bigint {
  return limitAtto - spentAtto - reservedAtto;
}

/**
 * The privacy ledger of every dataset: reserved → started → committed, or reserved → refunded.
 *
 * Atomicity: every step changes the entry and the budget's sums in the caller's transaction. Concurrency: `lock` serialises
 * what happens to one dataset; the conditional updates hold without it too, and the server checks the sums once more.
 * An entry whose engine has started can't be refunded, by nobody and nothing.
 */
@Injectable()
export class PrivacyLedger {
  constructor(private readonly database: Database) {}

  async open(tx: Tx, datasetId: string, { limitPico, limitAtto }: BudgetLimits): Promise<void> {
    await tx.privacyBudget.create({ data: { datasetId, limitPico, limitAtto } });
  }

  /**
   * Locks a dataset's budget until the transaction ends and compares its sums with its entries.
   * @throws ledger_inconsistent when somebody has written to the one or the other
   */
  async lock(tx: Tx, datasetId: string, limits: BudgetLimits): Promise<BudgetFigures> {
    await tx.$queryRaw`SELECT "datasetId" FROM "PrivacyBudget" WHERE "datasetId" = ${datasetId} FOR UPDATE`;
    const budget = await tx.privacyBudget.findUnique({ where: { datasetId } });
    const sums = await tx.privacyLedgerEntry.groupBy({
      by: ['state'],
      where: { datasetId },
      _sum: { costPico: true, costAtto: true },
    });
    const sumOf = (state: string, of: 'costPico' | 'costAtto') =>
      sums.find((sum) => sum.state === state)?._sum[of] ?? 0n;
    if (
      budget?.limitPico !== limits.limitPico ||
      budget.limitAtto !== limits.limitAtto ||
      budget.spentPico !== sumOf('committed', 'costPico') ||
      budget.spentAtto !== sumOf('committed', 'costAtto') ||
      budget.reservedPico !== sumOf('reserved', 'costPico') ||
      budget.reservedAtto !== sumOf('reserved', 'costAtto')
    )
      throw new PrivacyError('ledger_inconsistent', {
        kind: 'internal',
        publicDetail:
          'The ledger of this dataset contradicts itself; nothing is answered until an auditor has looked.',
      });
    return budget;
  }

  /** Sets a charge aside. Undefined, and nothing changed, when one of the limits doesn't hold it. */
  async reserve(tx: Tx, entry: NewEntry): Promise<LedgerEntryRow | undefined> {
    const { datasetId, costPico, costAtto } = entry;
    const updated = await tx.$executeRaw`
      UPDATE "PrivacyBudget"
      SET "reservedPico" = "reservedPico" + ${costPico}, "reservedAtto" = "reservedAtto" + ${costAtto}
      WHERE "datasetId" = ${datasetId} AND "spentPico" + "reservedPico" + ${costPico} <= "limitPico"
        AND "spentAtto" + "reservedAtto" + ${costAtto} <= "limitAtto"`;
    if (updated === 0) return undefined;
    return tx.privacyLedgerEntry.create({ data: { ...entry, state: 'reserved' } });
  }

  /** Marks the moment after which there is no refund. False when the entry is settled or somebody else started it. */
  async start(tx: Tx, id: string): Promise<boolean> {
    const { count } = await tx.privacyLedgerEntry.updateMany({
      where: { id, state: 'reserved', startedAt: null },
      data: { startedAt: new Date() },
    });
    return count === 1;
  }

  /** The charge stands. False when the entry was settled before. */
  async commit(tx: Tx, entry: LedgerEntryRow, failure?: string): Promise<boolean> {
    const { id, datasetId, costPico, costAtto } = entry;
    const { count } = await tx.privacyLedgerEntry.updateMany({
      where: { id, state: 'reserved', startedAt: { not: null } },
      data: { state: 'committed', settledAt: new Date(), ...(failure === undefined ? {} : { failure }) },
    });
    if (count === 0) return false;
    await tx.$executeRaw`
      UPDATE "PrivacyBudget"
      SET "reservedPico" = "reservedPico" - ${costPico}, "spentPico" = "spentPico" + ${costPico},
        "reservedAtto" = "reservedAtto" - ${costAtto}, "spentAtto" = "spentAtto" + ${costAtto}
      WHERE "datasetId" = ${datasetId}`;
    return true;
  }

  /** Lifts the charge of an entry whose engine has not started. False when it has, or the entry was settled before. */
  async refund(tx: Tx, entry: LedgerEntryRow, failure: string): Promise<boolean> {
    const { id, datasetId, costPico, costAtto } = entry;
    const { count } = await tx.privacyLedgerEntry.updateMany({
      where: { id, state: 'reserved', startedAt: null },
      data: { state: 'refunded', settledAt: new Date(), failure },
    });
    if (count === 0) return false;
    await tx.$executeRaw`
      UPDATE "PrivacyBudget"
      SET "reservedPico" = "reservedPico" - ${costPico}, "reservedAtto" = "reservedAtto" - ${costAtto}
      WHERE "datasetId" = ${datasetId}`;
    return true;
  }

  /** Stores what left. To be called in the transaction that commits the entry. */
  async storeRelease(tx: Tx, entry: LedgerEntryRow, answer: Prisma.InputJsonValue): Promise<void> {
    const { id: entryId, datasetId, questionDigest } = entry;
    await tx.privacyRelease.create({ data: { entryId, datasetId, questionDigest, answer } });
  }

  /** The stored answer to a question, if it has been answered. */
  released(
    tx: Pick<Tx, 'privacyRelease'>,
    datasetId: string,
    questionDigest: string,
  ): Promise<ReleaseRow | null> {
    return tx.privacyRelease.findUnique({
      where: { datasetId_questionDigest: { datasetId, questionDigest } },
    });
  }

  /** An entry for the same question that is not settled yet. */
  underWay(tx: Tx, datasetId: string, questionDigest: string): Promise<LedgerEntryRow | null> {
    return tx.privacyLedgerEntry.findFirst({ where: { datasetId, questionDigest, state: 'reserved' } });
  }

  entry(id: string): Promise<(LedgerEntryRow & { release: ReleaseRow | null }) | null> {
    return this.database.client.privacyLedgerEntry.findUnique({ where: { id }, include: { release: true } });
  }

  /** Entries that were reserved before `before` and are not settled, oldest first. */
  unsettled(before: Date) {
    return this.database.client.privacyLedgerEntry.findMany({
      where: { state: 'reserved', createdAt: { lt: before } },
      orderBy: { createdAt: 'asc' },
      include: { run: { select: { heartbeatAt: true } } },
    });
  }

  figures(datasetId: string): Promise<BudgetFigures> {
    return this.database.client.privacyBudget.findUniqueOrThrow({ where: { datasetId } });
  }

  /** The newest entries first. */
  entries(datasetId: string, limit: number): Promise<LedgerEntryRow[]> {
    return this.database.client.privacyLedgerEntry.findMany({
      where: { datasetId },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit,
    });
  }
}
