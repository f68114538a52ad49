import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { PrivacyLedger } from '../ledger/privacy-ledger.js';
import { PrivacyError } from '../privacy-error.js';
import { readStoredAnswer, type StoredAnswer } from './stored-answer.js';

/**
 * Answers leave at whole ticks after the question was admitted, so that the time an answer takes says little about the
 * data or the noise drawn (arXiv 2112.05307).
 */
const TICK_MS = 250;
const TIMEOUT_MS = 30_000;

/** Waits for a reserved question to be settled. */
@Injectable()
export class AnswerWatch {
  constructor(private readonly ledger: PrivacyLedger) {}

  /** @throws measurement_refused (not charged), measurement_failed (charged), answer_pending */
  async wait(entryId: string): Promise<StoredAnswer> {
    for (let waitedMs = 0; waitedMs < TIMEOUT_MS; waitedMs += TICK_MS) {
      await sleep(TICK_MS);
      const entry = await this.ledger.entry(entryId);
      if (entry?.state === 'committed' && entry.release) return readStoredAnswer(entry.release.answer);
      if (entry?.state === 'committed') throw failed();
      if (entry?.state === 'refunded') throw refused(entry.failure);
    }
    throw new PrivacyError('answer_pending', {
      kind: 'unavailable',
      publicDetail: 'The answer is on its way. Ask the same question again: it costs nothing more.',
      retryAfterMs: 2_000,
    });
  }
}

function failed(): PrivacyError {
  return new PrivacyError('measurement_failed', {
    kind: 'internal',
    publicDetail: 'The measurement failed after it had started on the data, so the question was charged.',
  });
}

function refused(failure: string | null): PrivacyError {
  return new PrivacyError('measurement_refused', {
    kind: 'unavailable',
    publicDetail: 'The data could not be opened, so nothing was measured and nothing was charged.',
    meta: { failure: failure ?? 'unknown' },
    retryAfterMs: 5_000,
  });
}
