import { Injectable } from '@nestjs/common';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { PrivacyError } from '../privacy-error.js';

/** Pico: 1e-12 epsilon. Atto: 1e-18 delta. */
export interface BudgetLimits {
  readonly limitPico: bigint;
  readonly limitAtto: bigint;
}

/** The limits that there are now, and the greatest that there ever were. */
export interface LimitsOverTime extends BudgetLimits {
  readonly highest: BudgetLimits;
}

/** `spent` and `reserved` are of the whole table; `parts` is the most that any one part has reserved or spent. */
export interface BudgetFigures extends BudgetLimits {
  readonly spentPico: bigint;
  readonly reservedPico: bigint;
  readonly partsPico: bigint;
  readonly spentAtto: bigint;
  readonly reservedAtto: bigint;
  readonly partsAtto: bigint;
  /** When the ledger was set back by a restore, and nobody has said yet what was spent since. */
  readonly restoredAt: Date | null;
}

export interface Cost {
  readonly costPico: bigint;
  readonly costAtto: bigint;
}

/** What one part of the table has reserved or spent, beside what is charged to the whole. */
export interface PartFigures extends Cost {
  readonly part: number;
}

export interface NamedUse {
  readonly kind: 'person' | 'project';
  readonly name: string;
  readonly costPico: bigint;
}

export interface DaySpending {
  readonly day: string;
  /** Null: the whole table. */
  readonly part: number | null;
  readonly pico: bigint;
}

export type LedgerEntryRow = Prisma.PrivacyLedgerEntryGetPayload<object>;
export type ReleaseRow = Prisma.PrivacyReleaseGetPayload<object>;
export type ReleasedRow = Prisma.PrivacyReleaseGetPayload<{ include: { entry: true } }>;

export interface NewEntry extends Cost {
  readonly datasetId: string;
  readonly personId: string;
  readonly projectId: string;
  readonly questionDigest: string;
  readonly question: string;
  /** Positions of the parts that it is about; none: the whole table. */
  readonly parts: readonly number[];
}

/** Somebody who may have a limit of her own. */
export type Spender = { readonly personId: string } | { readonly projectId: string };

/** None, where the limit was lowered below what is reserved and spent. */
export function remainingOf({ limitPico, spentPico, reservedPico, partsPico }: BudgetFigures): bigint {
  return atLeastNothing(limitPico - spentPico - reservedPico - partsPico);
}

export function remainingDeltaOf({ limitAtto, spentAtto, reservedAtto, partsAtto }: BudgetFigures): bigint {
  return atLeastNothing(limitAtto - spentAtto - reservedAtto - partsAtto);
}

function atLeastNothing(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}

const NOTHING: Cost = { costPico: 0n, costAtto: 0n };

/** For epsilon and for delta the greatest of all; they may be of different parts. */
export function mostOf(parts: readonly Cost[]): Cost {
  return parts.reduce(
    (most, { costPico, costAtto }) => ({
      costPico: costPico > most.costPico ? costPico : most.costPico,
      costAtto: costAtto > most.costAtto ? costAtto : most.costAtto,
    }),
    NOTHING,
  );
}

/**
 * The privacy ledger of every dataset: reserved → started → committed, or reserved → refunded.
 *
 * Atomicity: every step changes the entry and the budget's sums in the caller's transaction. Concurrency: every step holds
 * the budget's row lock, and the server checks the sums once more. An entry whose engine has started can't be refunded, by
 * nobody and nothing.
 *
 * The loss: what is charged to the whole table, and beside it the most that is charged to one part. That is the loss only where no
 * unit is in two parts; whoever names parts answers for that.
 */
@Injectable()
export class PrivacyLedger {
  constructor(private readonly database: Database) {}

  async open(tx: Tx, datasetId: string, { limitPico, limitAtto }: BudgetLimits): Promise<void> {
    await tx.privacyBudget.create({ data: { datasetId, limitPico, limitAtto } });
  }

  /** A higher limit, of those that were granted; a lower one changes nothing. */
  async raise(tx: Tx, datasetId: string, { limitPico, limitAtto }: BudgetLimits): Promise<void> {
    await tx.$executeRaw`
      UPDATE "PrivacyBudget"
      SET "limitPico" = greatest("limitPico", ${limitPico}), "limitAtto" = greatest("limitAtto", ${limitAtto})
      WHERE "datasetId" = ${datasetId}`;
  }

  /** A lower limit: at once as low as what is reserved and spent, and at each later look as low as it is by then. */
  async lower(tx: Tx, datasetId: string, { limitPico, limitAtto }: BudgetLimits): Promise<void> {
    await tx.$executeRaw`
      UPDATE "PrivacyBudget"
      SET "limitPico" = least("limitPico", greatest(${limitPico}, "spentPico" + "reservedPico" + "partsPico")),
        "limitAtto" = least("limitAtto", greatest(${limitAtto}, "spentAtto" + "reservedAtto" + "partsAtto"))
      WHERE "datasetId" = ${datasetId}`;
  }

  /**
   * Charges what was spent since the backup that the ledger came from, and lets questions be answered again.
   * @returns false, and nothing changed, when it did not come from a backup; undefined when the limits don't hold so much
   */
  async reconcile(tx: Tx, entry: NewEntry): Promise<boolean | undefined> {
    const { datasetId, costPico, costAtto } = entry;
    const where = { datasetId, restoredAt: { not: null } };
    const { count } = await tx.privacyBudget.updateMany({ where, data: { restoredAt: null } });
    if (count === 0) return false;
    if (costPico === 0n && costAtto === 0n) return true;
    const reserved = await this.reserve(tx, entry);
    if (reserved === undefined) return undefined;
    return (await this.start(tx, reserved.id)) && (await this.commit(tx, reserved));
  }

  /**
   * Locks a dataset's budget until the transaction ends and compares its sums with its entries, and its limits with those
   * that it ever had. Limits that are higher than now are lowered: a lowering need not have been written down. (Lower ones are
   * harmless: a raise that was granted and not yet written down.)
   * @throws ledger_inconsistent when somebody has written to the one or the other; ledger_restored until what was spent since
   * the backup is charged
   */
  async lock(tx: Tx, datasetId: string, limits: LimitsOverTime): Promise<BudgetFigures> {
    await hold(tx, datasetId);
    const budget = await tx.privacyBudget.findUnique({ where: { datasetId } });
    const sums = await tx.privacyLedgerEntry.groupBy({
      by: ['state'],
      where: { datasetId, parts: { isEmpty: true } },
      _sum: { costPico: true, costAtto: true },
    });
    const sumOf = (state: string, of: 'costPico' | 'costAtto') =>
      sums.find((sum) => sum.state === state)?._sum[of] ?? 0n;
    const parts = mostOf(await this.parts(tx, datasetId));
    if (
      budget === null ||
      budget.limitPico > limits.highest.limitPico ||
      budget.limitAtto > limits.highest.limitAtto ||
      budget.spentPico !== sumOf('committed', 'costPico') ||
      budget.spentAtto !== sumOf('committed', 'costAtto') ||
      budget.reservedPico !== sumOf('reserved', 'costPico') ||
      budget.reservedAtto !== sumOf('reserved', 'costAtto') ||
      budget.partsPico !== parts.costPico ||
      budget.partsAtto !== parts.costAtto
    )
      throw new PrivacyError('ledger_inconsistent', {
        kind: 'internal',
        publicDetail:
          'The ledger of this dataset contradicts itself; nothing is answered until an auditor has looked.',
      });
    if (budget.restoredAt !== null) throw restored();
    if (budget.limitPico <= limits.limitPico && budget.limitAtto <= limits.limitAtto) return budget;
    await this.lower(tx, datasetId, limits);
    return tx.privacyBudget.findUniqueOrThrow({ where: { datasetId } });
  }

  /** What each part has reserved or spent; parts that have nothing are left out. */
  async parts(tx: Pick<Tx, '$queryRaw'>, datasetId: string): Promise<PartFigures[]> {
    return tx.$queryRaw<PartFigures[]>`
      SELECT part, sum("costPico")::bigint AS "costPico", sum("costAtto")::bigint AS "costAtto"
      FROM "PrivacyLedgerEntry", unnest("parts") AS part
      WHERE "datasetId" = ${datasetId} AND "state" IN ('reserved', 'committed')
      GROUP BY part ORDER BY part`;
  }

  /** What somebody has reserved or spent of a dataset: a plain sum, parts or not. */
  async usedBy(tx: Pick<Tx, 'privacyLedgerEntry'>, datasetId: string, spender: Spender): Promise<Cost> {
    const { _sum } = await tx.privacyLedgerEntry.aggregate({
      where: { datasetId, ...spender, state: { in: ['reserved', 'committed'] } },
      _sum: { costPico: true, costAtto: true },
    });
    return { costPico: _sum.costPico ?? 0n, costAtto: _sum.costAtto ?? 0n };
  }

  /** Sets a charge aside. Undefined, and nothing changed, when one of the limits doesn't hold it. */
  async reserve(tx: Tx, { parts, ...entry }: NewEntry): Promise<LedgerEntryRow | undefined> {
    const { datasetId, costPico, costAtto } = entry;
    await hold(tx, datasetId);
    const whole = parts.length === 0;
    const before = mostOf(await this.parts(tx, datasetId));
    const charged = whole
      ? before
      : mostOf([before, ...(await this.partsWith(tx, datasetId, parts, { costPico, costAtto }))]);
    const [pico, atto] = whole ? [costPico, costAtto] : [0n, 0n];
    const updated = await tx.$executeRaw`
      UPDATE "PrivacyBudget"
      SET "reservedPico" = "reservedPico" + ${pico}, "reservedAtto" = "reservedAtto" + ${atto},
        "partsPico" = ${charged.costPico}, "partsAtto" = ${charged.costAtto}
      WHERE "datasetId" = ${datasetId}
        AND "spentPico" + "reservedPico" + ${pico} + ${charged.costPico} <= "limitPico"
        AND "spentAtto" + "reservedAtto" + ${atto} + ${charged.costAtto} <= "limitAtto"`;
    if (updated === 0) return undefined;
    return tx.privacyLedgerEntry.create({ data: { ...entry, parts: [...parts], state: 'reserved' } });
  }

  /** What the parts that are named would have with one more charge. */
  private async partsWith(
    tx: Tx,
    datasetId: string,
    parts: readonly number[],
    { costPico, costAtto }: Cost,
  ): Promise<Cost[]> {
    const used = new Map((await this.parts(tx, datasetId)).map((figures) => [figures.part, figures]));
    return parts.map((part) => {
      const { costPico: pico, costAtto: atto } = used.get(part) ?? NOTHING;
      return { costPico: pico + costPico, costAtto: atto + costAtto };
    });
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
    const { id, datasetId, parts, costPico, costAtto } = entry;
    await hold(tx, datasetId);
    const { count } = await tx.privacyLedgerEntry.updateMany({
      where: { id, state: 'reserved', startedAt: { not: null } },
      data: { state: 'committed', settledAt: new Date(), ...(failure === undefined ? {} : { failure }) },
    });
    if (count === 0) return false;
    // What is charged to parts counts alike, reserved or spent.
    if (parts.length === 0)
      await tx.$executeRaw`
        UPDATE "PrivacyBudget"
        SET "reservedPico" = "reservedPico" - ${costPico}, "spentPico" = "spentPico" + ${costPico},
          "reservedAtto" = "reservedAtto" - ${costAtto}, "spentAtto" = "spentAtto" + ${costAtto}
        WHERE "datasetId" = ${datasetId}`;
    return true;
  }

  /** Lifts the charge of an entry whose engine has not started. False when it has, or the entry was settled before. */
  async refund(tx: Tx, entry: LedgerEntryRow, failure: string): Promise<boolean> {
    const { id, datasetId, parts, costPico, costAtto } = entry;
    await hold(tx, datasetId);
    const { count } = await tx.privacyLedgerEntry.updateMany({
      where: { id, state: 'reserved', startedAt: null },
      data: { state: 'refunded', settledAt: new Date(), failure },
    });
    if (count === 0) return false;
    const [pico, atto] = parts.length === 0 ? [costPico, costAtto] : [0n, 0n];
    const left = mostOf(await this.parts(tx, datasetId));
    await tx.$executeRaw`
      UPDATE "PrivacyBudget"
      SET "reservedPico" = "reservedPico" - ${pico}, "reservedAtto" = "reservedAtto" - ${atto},
        "partsPico" = ${left.costPico}, "partsAtto" = ${left.costAtto}
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
  ): Promise<ReleasedRow | null> {
    return tx.privacyRelease.findUnique({
      where: { datasetId_questionDigest: { datasetId, questionDigest } },
      include: { entry: true },
    });
  }

  /** The newest entry for the same question. */
  newestFor(tx: Tx, datasetId: string, questionDigest: string): Promise<LedgerEntryRow | null> {
    return tx.privacyLedgerEntry.findFirst({
      where: { datasetId, questionDigest },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    });
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

  /** What everybody has reserved or spent, by name: people first. */
  async usedByEach(datasetId: string): Promise<NamedUse[]> {
    return this.database.client.$queryRaw<NamedUse[]>`
      SELECT 'person' AS kind, who."name", sum("costPico")::bigint AS "costPico"
      FROM "PrivacyLedgerEntry" AS entry JOIN "Person" AS who ON who."id" = entry."personId"
      WHERE "datasetId" = ${datasetId} AND "state" IN ('reserved', 'committed') GROUP BY who."name"
      UNION ALL
      SELECT 'project', whom."name", sum("costPico")::bigint
      FROM "PrivacyLedgerEntry" AS entry JOIN "Project" AS whom ON whom."id" = entry."projectId"
      WHERE "datasetId" = ${datasetId} AND "state" IN ('reserved', 'committed') GROUP BY whom."name"
      ORDER BY 1, 2`;
  }

  /** Epsilon charged a day (UTC), oldest first; by part, where it was charged to parts. */
  async spending(datasetId: string): Promise<DaySpending[]> {
    return this.database.client.$queryRaw<DaySpending[]>`
      SELECT to_char("createdAt", 'YYYY-MM-DD') AS day, part, sum("costPico")::bigint AS pico
      FROM "PrivacyLedgerEntry" LEFT JOIN LATERAL unnest("parts") AS part ON true
      WHERE "datasetId" = ${datasetId} AND "state" IN ('reserved', 'committed')
      GROUP BY day, part ORDER BY day`;
  }
}

function restored(): PrivacyError {
  return new PrivacyError('ledger_restored', {
    kind: 'conflict',
    publicDetail:
      'The ledger of this dataset came from a backup and does not know what was answered since. Its steward says what was spent: castellan privacy reconcile.',
  });
}

/** Every step takes its turn. */
async function hold(tx: Tx, datasetId: string): Promise<void> {
  await tx.$queryRaw`SELECT "datasetId" FROM "PrivacyBudget" WHERE "datasetId" = ${datasetId} FOR UPDATE`;
}
