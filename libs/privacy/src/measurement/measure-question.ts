import { Injectable } from '@nestjs/common';
import { prepareQuestion, type PreparedQuestion } from '../asking/prepare-question.js';
import { answerDigest, type StoredAnswer } from '../asking/stored-answer.js';
import { ChargedWork, type WorkOutcome } from '../runs/charged-work.js';
import type { NoisyFigures } from './exact-figures.js';
import { PrivateMeasurement } from './private-measurement.js';
import { releaseCard } from './release-card.js';

/** Measures a reserved question and settles it, as `ChargedWork` promises. */
@Injectable()
export class MeasureQuestion {
  constructor(
    private readonly work: ChargedWork,
    private readonly measurement: PrivateMeasurement,
  ) {}

  /** @throws kind `unavailable` when the key or the table can't be had at the moment: nothing changed, try again */
  execute(entryId: string): Promise<void> {
    return this.work.execute(entryId, {
      isAwaited: true,
      prepare: (dataset, entry) => prepareQuestion(dataset, entry.question, entry),
      work: async (prepared, table) =>
        releaseOf(prepared, await this.measurement.measure(prepared.plan, table.bytes)),
    });
  }
}

function releaseOf(prepared: PreparedQuestion, noisy: NoisyFigures): WorkOutcome {
  const { plan } = prepared;
  const answer: StoredAnswer = {
    format: 'castellan.answer/v1',
    measures: [...plan.measures, ...plan.quantiles].map(({ text }, m) => ({
      text,
      noisy: (noisy.figures[m] ?? []).map(String),
    })),
    ...(noisy.groups === undefined ? {} : { groups: noisy.groups.map((keys) => [...keys]) }),
    answeredAt: new Date().toISOString(),
  };
  return { answer, answerDigest: answerDigest(answer), card: releaseCard(prepared) };
}
