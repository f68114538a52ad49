import { toNumber } from '@castellan/differential-privacy';
import type { Answer, AnswerColumn } from '@castellan/contracts';
import { decimalText } from '../declaration/fixed-point.js';
import { epsilonText } from '../ledger/pico-epsilon.js';
import type { MeasurementPlan, PlannedMeasure } from '../measurement/measurement-plan.js';
import { measureText, type Selected } from '../question/question.js';
import type { PreparedQuestion } from './prepare-question.js';
import type { StoredAnswer } from './stored-answer.js';

const CONFIDENCE = 0.95;

function planned(plan: MeasurementPlan, item: Selected & { kind: 'measure' }): PlannedMeasure {
  const found = plan.measures.find(({ text }) => text === measureText(item.measure));
  if (!found) throw new Error(`no such measure in the plan: ${measureText(item.measure)}`);
  return found;
}

/** Columns with the noise that they carry, in units of the column. Known before anything is paid. */
export function describeColumns(plan: MeasurementPlan): AnswerColumn[] {
  return plan.question.selected.map((item) => {
    if (item.kind === 'key') return { name: item.as, kind: 'key' };
    const { mechanism, sensitivity, decimals } = planned(plan, item);
    const cost = mechanism.cost;
    const unit = (value: bigint) => Number(decimalText(value, decimals));
    return {
      name: item.as,
      kind: 'measure',
      mechanism: mechanism.name,
      noiseScale: toNumber(mechanism.scale) / 10 ** decimals,
      sensitivity: unit(sensitivity),
      interval95: unit(mechanism.halfWidth(CONFIDENCE)),
      ...(cost.definition === 'pure' ? { epsilon: String(toNumber(cost.epsilon)) } : {}),
    };
  });
}

/** The values of every group's keys, in the order of the groups. */
function keysOf(plan: MeasurementPlan): string[][] {
  return plan.keys.reduce<string[][]>(
    (groups, key) => groups.flatMap((group) => key.values.map((value) => [...group, value])),
    [[]],
  );
}

/** The stored answer in the columns that this question selects, under the names that it gives them. */
export function showAnswer(
  { plan, text }: PreparedQuestion,
  stored: StoredAnswer,
  { entryId, chargedPico }: { entryId: string; chargedPico: bigint },
): Answer {
  const cell = (item: Selected, keys: readonly string[], group: number): string | number | null => {
    if (item.kind === 'key') return keys[plan.question.keys.indexOf(item.column)] ?? null;
    const { decimals, text: measure } = planned(plan, item);
    const noisy = stored.measures.find((candidate) => candidate.text === measure)?.noisy[group];
    return noisy === undefined ? null : Number(decimalText(BigInt(noisy), decimals));
  };
  return {
    columns: describeColumns(plan),
    rows: keysOf(plan).map((keys, group) => plan.question.selected.map((item) => cell(item, keys, group))),
    epsilon: epsilonText(plan.chargePico),
    charged: epsilonText(chargedPico),
    entryId,
    question: text,
    answeredAt: stored.answeredAt,
  };
}
