import { AuditLog } from '@castellan/audit';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { Injectable } from '@nestjs/common';
import { sealedTablePath, type KnownDataset } from '../dataset/dataset-document.js';
import { DatasetStore, type DatasetRow } from '../dataset/dataset-store.js';
import { beyondShare } from '../ledger/beyond-share.js';
import { FindLimits, type GovernedLimits } from '../ledger/governed-limits.js';
import { PrivacyLedger, type BudgetFigures, type LedgerEntryRow } from '../ledger/privacy-ledger.js';
import { DatasetKeys, type OpenedTable } from '../measurement/dataset-keys.js';
import type { ReleaseCard } from '../measurement/release-card.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { OpenSource } from '../reference/open-source.js';

/** What was reserved, read again from the row. */
export interface PreparedWork {
  readonly known: KnownDataset;
  /** Has to be the entry's, like the parts. */
  readonly digest: string;
  readonly parts?: readonly number[];
}

/** What may leave, or the code of why there is nothing. */
export type WorkOutcome =
  | {
      readonly answer: Prisma.InputJsonObject;
      readonly answerDigest: string;
      readonly card: ReleaseCard;
      /** Changes that belong to the release, in its transaction. */
      readonly alongside?: (tx: Tx) => Promise<void>;
    }
  | { readonly failure: string };

export interface WorkSteps<Prepared extends PreparedWork> {
  /** A person waits for it: a database that does not answer ends it, refunded. Otherwise it is tried again for a while. */
  readonly isAwaited?: boolean;
  /** Public parameters alone. */
  prepare(dataset: DatasetRow, entry: LedgerEntryRow): Promise<Prepared>;
  /** In the transaction of a refund: why there will be nothing, in words that are fit to be seen. */
  refused?(tx: Tx, detail: string): Promise<void>;
  /** Runs after the start was recorded; whatever it throws is charged, and nothing of it gets out. */
  work(prepared: Prepared, table: OpenedTable): Promise<WorkOutcome>;
}

/**
 * Does what a ledger entry reserved and settles it. What fails before the start is refunded; from the moment the start is
 * recorded the charge stands, whatever happens. What is settled or started already is left alone.
 */
@Injectable()
export class ChargedWork {
  constructor(
    private readonly database: Database,
    private readonly datasets: DatasetStore,
    private readonly limits: FindLimits,
    private readonly ledger: PrivacyLedger,
    private readonly keys: DatasetKeys,
    private readonly sources: OpenSource,
    private readonly audit: AuditLog,
  ) {}

  /** @throws kind `unavailable` when the key or the table can't be had at the moment: nothing changed, try again */
  async execute<Prepared extends PreparedWork>(entryId: string, steps: WorkSteps<Prepared>): Promise<void> {
    const entry = await this.ledger.entry(entryId);
    if (entry?.state !== 'reserved' || entry.startedAt !== null) return;
    const dataset = await this.datasets.byId(entry.datasetId);
    if (dataset === null) throw new Error(`ledger entry ${entryId} is of no dataset`);
    const opened = await this.open(dataset, entry, steps);
    if (opened === undefined) return;
    const { prepared, limits, table } = opened;
    try {
      if (!(await this.start(dataset, entry, limits))) return;
      // The engine's own words may quote rows: of a failure nothing but the fact gets out.
      const outcome = await steps.work(prepared, table).catch(() => ({ failure: 'engine_failed' }));
      await this.settle(dataset, entry, outcome);
    } finally {
      table.dispose();
    }
  }

  /** Undefined when it can't be opened for good: the entry is refunded then. */
  private async open<Prepared extends PreparedWork>(
    dataset: DatasetRow,
    entry: LedgerEntryRow,
    { prepare, refused, isAwaited = false }: WorkSteps<Prepared>,
  ): Promise<{ prepared: Prepared; limits: GovernedLimits; table: OpenedTable } | undefined> {
    try {
      const prepared = await prepare(dataset, entry);
      if (prepared.digest !== entry.questionDigest || `${prepared.parts ?? []}` !== `${entry.parts}`)
        throw prepared.known.table.source === undefined ? questionDiffers() : versionMoved();
      const limits = await this.limits.execute(dataset.id, prepared.known);
      const sealed = await this.keys.open(dataset.id, sealedTablePath(prepared.known.digest));
      const table = await this.sources.execute(sealed, prepared.known.table);
      return { prepared, limits, table };
    } catch (error) {
      if (error instanceof CastellanError && error.kind === 'unavailable')
        if (!isAwaited || error.code !== 'source_unavailable') throw error;
      const failure = error instanceof CastellanError ? error.code : 'unexpected';
      await this.database.transaction(async (tx) => {
        if (!(await this.ledger.refund(tx, entry, failure))) return;
        if (error instanceof CastellanError) await refused?.(tx, error.publicDetail);
        await this.audit.append(tx, privacyEvents.refunded(dataset, entry, failure));
      });
      return undefined;
    }
  }

  /**
   * Records, durably and before any row is read, that there is no way back. False when another process was first, or when
   * a limit does not hold any more what is reserved: then it is refunded.
   */
  private start(dataset: DatasetRow, entry: LedgerEntryRow, limits: GovernedLimits): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const budget = await this.ledger.lock(tx, dataset.id, limits);
      const beyond = isBeyond(budget, limits)
        ? 'limit_lowered'
        : (await this.isBeyondShare(tx, entry, limits)) && 'share_exhausted';
      if (beyond) {
        if (await this.ledger.refund(tx, entry, beyond))
          await this.audit.append(tx, privacyEvents.refunded(dataset, entry, beyond));
        return false;
      }
      const started = await this.ledger.start(tx, entry.id);
      if (started) await this.audit.append(tx, privacyEvents.started(dataset, entry));
      return started;
    });
  }

  /** The entry is among what they have reserved, so nothing is added to that. */
  private async isBeyondShare(tx: Tx, entry: LedgerEntryRow, limits: GovernedLimits): Promise<boolean> {
    const { datasetId, personId, projectId } = entry;
    const named = { select: { id: true, name: true } } as const;
    const person = await tx.person.findUnique({ where: { id: personId }, ...named });
    const project = await tx.project.findUnique({ where: { id: projectId }, ...named });
    if (person === null || project === null) return true;
    const spending = { datasetId, person, project };
    const beyond = await beyondShare(this.ledger, tx, limits, spending, { costPico: 0n, costAtto: 0n });
    return beyond !== undefined;
  }

  private async settle(dataset: DatasetRow, entry: LedgerEntryRow, outcome: WorkOutcome): Promise<void> {
    await this.database.transaction(async (tx) => {
      if ('failure' in outcome) {
        const { failure } = outcome;
        if (await this.ledger.commit(tx, entry, failure))
          await this.audit.append(tx, privacyEvents.chargedWithoutAnswer(dataset, entry, failure));
        return;
      }
      if (!(await this.ledger.commit(tx, entry))) return;
      const { answer, answerDigest, card, alongside } = outcome;
      await this.ledger.storeRelease(tx, entry, answer);
      await alongside?.(tx);
      await this.audit.append(tx, privacyEvents.released(dataset, entry, answerDigest, card));
    });
  }
}

/** What was reserved before a lowering counts as what was spent does, as long as it is reserved. */
function isBeyond(budget: BudgetFigures, { limitPico, limitAtto }: GovernedLimits): boolean {
  const { spentPico, reservedPico, partsPico, spentAtto, reservedAtto, partsAtto } = budget;
  return spentPico + reservedPico + partsPico > limitPico || spentAtto + reservedAtto + partsAtto > limitAtto;
}

function versionMoved(): PrivacyError {
  return new PrivacyError('data_version_moved', {
    kind: 'conflict',
    publicDetail: 'The table is other data now than when this was asked.',
  });
}

function questionDiffers(): PrivacyError {
  return new PrivacyError('ledger_inconsistent', {
    kind: 'internal',
    publicDetail: 'The entry is not for the question that it holds.',
  });
}
