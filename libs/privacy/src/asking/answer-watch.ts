import { setTimeout as sleep } from 'node:timers/promises';
import type { TableSource } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import { isShown, nextTick, shownFrom } from '../ledger/answer-tick.js';
import { PrivacyLedger } from '../ledger/privacy-ledger.js';
import { PrivacyError } from '../privacy-error.js';
import { sourceChanged } from '../reference/s3-failure.js';
import type { ProtectedTable } from '../declaration/protected-table.js';
import { readStoredAnswer, type StoredAnswer } from './stored-answer.js';

const TIMEOUT_MS = 30_000;

/** A stored answer, and since when it is shown. */
export interface ShownAnswer {
  readonly stored: StoredAnswer;
  readonly answeredAt: Date;
}

type WatchedTable = Pick<ProtectedTable, 'answerTickMs' | 'source'>;

/** Waits for a reserved question to be settled, and looks at whole ticks after its admission only: see `answer-tick`. */
@Injectable()
export class AnswerWatch {
  constructor(private readonly ledger: PrivacyLedger) {}

  /**
   * @throws measurement_refused, source_unavailable, source_changed and budget_exhausted (not charged: it was refunded),
   * measurement_failed (charged), answer_pending
   */
  async wait(entryId: string, { answerTickMs: tickMs, source }: WatchedTable): Promise<ShownAnswer> {
    const giveUpAt = Date.now() + TIMEOUT_MS;
    const asked = await this.ledger.entry(entryId);
    if (asked === null) throw new Error(`there is no ledger entry ${entryId}`);
    for (let at = nextTick(asked, tickMs, new Date()); at.getTime() <= giveUpAt; at = after(at, tickMs)) {
      await sleep(Math.max(0, at.getTime() - Date.now()));
      const entry = await this.ledger.entry(entryId);
      if (entry === null || !isShown(entry, tickMs, at)) continue;
      if (entry.state === 'refunded') throw refused(entry.failure, source);
      if (entry.release === null) throw failed();
      return { stored: readStoredAnswer(entry.release.answer), answeredAt: shownFrom(entry, tickMs) ?? at };
    }
    throw new PrivacyError('answer_pending', {
      kind: 'unavailable',
      publicDetail: 'The answer is on its way. Ask the same question again: it costs nothing more.',
      retryAfterMs: 2_000,
    });
  }
}

function after(at: Date, tickMs: number): Date {
  return new Date(at.getTime() + tickMs);
}

function failed(): PrivacyError {
  return new PrivacyError('measurement_failed', {
    kind: 'internal',
    publicDetail: 'The measurement failed after it had started on the data, so the question was charged.',
  });
}

/** Nothing was measured: what was reserved is refunded, and the question can be asked again. */
function refused(failure: string | null, source: TableSource | undefined): PrivacyError {
  const meta = { failure: failure ?? 'unknown' };
  switch (failure) {
    case 'source_unavailable':
      return new PrivacyError(failure, {
        kind: 'unavailable',
        publicDetail:
          'The place that the table is in does not answer. Nothing was measured and nothing was charged.',
        meta,
        retryAfterMs: 5_000,
      });
    case 'source_changed':
      return source?.kind === 's3' ? sourceChanged(source) : notOpened(meta);
    case 'limit_lowered':
    case 'share_exhausted':
      return new PrivacyError('budget_exhausted', {
        kind: 'exhausted',
        publicDetail:
          'A limit does not hold the question any more. It had not begun, and nothing was charged.',
        meta,
      });
    default:
      return notOpened(meta);
  }
}

function notOpened(meta: { failure: string }): PrivacyError {
  return new PrivacyError('measurement_refused', {
    kind: 'unavailable',
    publicDetail: 'The data could not be opened, so nothing was measured and nothing was charged.',
    meta,
    retryAfterMs: 5_000,
  });
}
