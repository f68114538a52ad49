import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { Injectable } from '@nestjs/common';
import { prepareQuestion, type PreparedQuestion } from '../asking/prepare-question.js';
import { answerDigest, type StoredAnswer } from '../asking/stored-answer.js';
import { sealedTablePath } from '../dataset/dataset-document.js';
import { DatasetStore, type DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyLedger, type LedgerEntryRow } from '../ledger/privacy-ledger.js';
import { PrivacyError } from '../privacy-error.js';
import { privacyEvents } from '../privacy-events.js';
import { DatasetKeys, type OpenedTable } from './dataset-keys.js';
import { PrivateMeasurement } from './private-measurement.js';
import { releaseCard } from './release-card.js';

/**
 * Measures a reserved question and settles it. What fails before the engine starts is refunded; from the moment the start
 * is recorded the charge stands, whatever happens. Measuring what is settled or started already does nothing.
 */
@Injectable()
export class MeasureQuestion {
  constructor(
    private readonly database: Database,
    private readonly datasets: DatasetStore,
    private readonly ledger: PrivacyLedger,
    private readonly keys: DatasetKeys,
    private readonly measurement: PrivateMeasurement,
    private readonly audit: AuditLog,
  ) {}

  /** @throws kind `unavailable` when the key or the table can't be had at the moment: nothing changed, try again */
  async execute(entryId: string): Promise<void> {
    const entry = await this.ledger.entry(entryId);
    if (entry?.state !== 'reserved' || entry.startedAt !== null) return;
    const dataset = await this.datasets.byId(entry.datasetId);
    if (dataset === null) throw new Error(`ledger entry ${entryId} is of no dataset`);
    const opened = await this.open(dataset, entry);
    if (opened === undefined) return;
    try {
      if (await this.start(opened.prepared, entry)) await this.measure(opened.prepared, entry, opened.table);
    } finally {
      opened.table.dispose();
    }
  }

  /** Undefined when it can't be opened for good: the entry is refunded then. */
  private async open(dataset: DatasetRow, entry: LedgerEntryRow): Promise<Opened | undefined> {
    try {
      const prepared = await prepareQuestion(dataset, entry.question, entry.costPico);
      if (prepared.digest !== entry.questionDigest) throw questionDiffers();
      const table = await this.keys.open(dataset.id, sealedTablePath(prepared.known.digest));
      return { prepared, table };
    } catch (error) {
      if (error instanceof CastellanError && error.kind === 'unavailable') throw error;
      const failure = error instanceof CastellanError ? error.code : 'unexpected';
      await this.database.transaction(async (tx) => {
        if (await this.ledger.refund(tx, entry, failure))
          await this.audit.append(tx, privacyEvents.refunded(dataset, entry, failure));
      });
      return undefined;
    }
  }

  /** Records, durably and before any row is read, that there is no way back. False when another process was first. */
  private start({ dataset, known }: PreparedQuestion, entry: LedgerEntryRow): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      await this.ledger.lock(tx, dataset.id, known);
      const started = await this.ledger.start(tx, entry.id);
      if (started) await this.audit.append(tx, privacyEvents.started(dataset, entry));
      return started;
    });
  }

  private async measure(
    prepared: PreparedQuestion,
    entry: LedgerEntryRow,
    table: OpenedTable,
  ): Promise<void> {
    // The engine's own words may quote rows: of a failure nothing but the fact gets out.
    const noisy = await this.measurement.measure(prepared.plan, table.bytes).catch(() => undefined);
    await (noisy === undefined
      ? this.chargeWithoutAnswer(prepared, entry)
      : this.release(prepared, entry, noisy));
  }

  private async release(prepared: PreparedQuestion, entry: LedgerEntryRow, noisy: bigint[][]): Promise<void> {
    const { dataset, plan } = prepared;
    const answer: StoredAnswer = {
      format: 'castellan.answer/v1',
      measures: [...plan.measures, ...plan.quantiles].map(({ text }, m) => ({
        text,
        noisy: (noisy[m] ?? []).map(String),
      })),
      answeredAt: new Date().toISOString(),
    };
    await this.database.transaction(async (tx) => {
      if (!(await this.ledger.commit(tx, entry))) return;
      await this.ledger.storeRelease(tx, entry, answer);
      await this.audit.append(
        tx,
        privacyEvents.released(dataset, entry, answerDigest(answer), releaseCard(prepared)),
      );
    });
  }

  private async chargeWithoutAnswer({ dataset }: PreparedQuestion, entry: LedgerEntryRow): Promise<void> {
    const failure = 'engine_failed';
    await this.database.transaction(async (tx) => {
      if (await this.ledger.commit(tx, entry, failure))
        await this.audit.append(tx, privacyEvents.chargedWithoutAnswer(dataset, entry, failure));
    });
  }
}

interface Opened {
  readonly prepared: PreparedQuestion;
  readonly table: OpenedTable;
}

function questionDiffers(): PrivacyError {
  return new PrivacyError('ledger_inconsistent', {
    kind: 'internal',
    publicDetail: 'The entry is not for the question that it holds.',
  });
}
