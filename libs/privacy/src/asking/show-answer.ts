import type { Answer } from '@castellan/contracts';
import { decimalText } from '../declaration/fixed-point.js';
import { deltaText } from '../ledger/atto-delta.js';
import { lossText } from '../ledger/accounting.js';
import { epsilonText } from '../ledger/pico-epsilon.js';
import { centredGridOf } from '../measurement/centred-grid.js';
import { numberColumn, type MeasurementPlan, type PlannedMeasure } from '../measurement/measurement-plan.js';
import { measureText, type Measure } from '../question/question.js';
import { averageOf, rootOf, varianceOf, type DerivedFigure, type NoisyInteger } from './derived-figure.js';
import {
  CONFIDENCE,
  describeColumns,
  describeSelection,
  inUnits,
  plannedParts,
  plannedQuantile,
} from './describe-columns.js';
import type { ShownAnswer } from './answer-watch.js';
import type { PreparedQuestion } from './prepare-question.js';
import type { StoredAnswer } from './stored-answer.js';

/** The values of every group's keys, in the order of the groups: those that were selected, or all of the public lists. */
function keysOf(plan: MeasurementPlan, { groups }: StoredAnswer): string[][] {
  if (groups !== undefined) return groups;
  const lists = plan.keys.flatMap((key) => (key.kind === 'category' ? [key.values] : []));
  return lists.reduce<string[][]>(
    (known, list) => known.flatMap((group) => list.map((value) => [...group, value])),
    [[]],
  );
}

/** A figure of one group; a quantile's interval is one of rank, which every group shares. */
interface ShownFigure {
  readonly value: number | null;
  readonly interval: readonly [number, number] | null;
}

/** Reads the figures of one group out of a stored answer. */
class GroupFigures {
  constructor(
    private readonly plan: MeasurementPlan,
    private readonly stored: StoredAnswer,
    private readonly group: number,
  ) {}

  show(measure: Measure): ShownFigure {
    switch (measure.kind) {
      case 'quantile': {
        const { column } = plannedQuantile(this.plan, measure);
        const noisy = this.noisy(measureText(measure));
        return {
          value: noisy === undefined ? null : Number(decimalText(noisy, column.decimals)),
          interval: null,
        };
      }
      case 'average':
      case 'variance':
      case 'deviation':
        return this.derived(measure.kind, measure.column, plannedParts(this.plan, measure));
      default: {
        const [part] = plannedParts(this.plan, measure);
        const noisy = part && this.noisy(part.text);
        if (part === undefined || noisy === undefined) return { value: null, interval: null };
        const halfWidth = part.mechanism.halfWidth(CONFIDENCE);
        return {
          value: inUnits(noisy, part),
          interval: [inUnits(noisy - halfWidth, part), inUnits(noisy + halfWidth, part)],
        };
      }
    }
  }

  /** Each part may be outside its half width with its share of 5 %, so that all are inside with 95 % (union bound). */
  private derived(
    kind: 'average' | 'variance' | 'deviation',
    name: string,
    parts: readonly PlannedMeasure[],
  ): ShownFigure {
    const confidence = 1 - (1 - CONFIDENCE) / parts.length;
    const [count, centred, squares] = parts.flatMap(({ text, mechanism }): NoisyInteger[] => {
      const noisy = this.noisy(text);
      return noisy === undefined ? [] : [{ noisy, halfWidth: mechanism.halfWidth(confidence) }];
    });
    if (!count || !centred) return { value: null, interval: null };
    const column = numberColumn(this.plan.table, name);
    const grid = centredGridOf(column);
    if (kind === 'average') return averageOf({ count, centred }, grid, column);
    if (!squares) return { value: null, interval: null };
    const variance: DerivedFigure = varianceOf({ count, centred, squares }, grid, column);
    return kind === 'variance' ? variance : rootOf(variance);
  }

  private noisy(text: string): bigint | undefined {
    const noisy = this.stored.measures.find((candidate) => candidate.text === text)?.noisy[this.group];
    return noisy === undefined ? undefined : BigInt(noisy);
  }
}

/** The stored answer in the columns that this question selects, under the names that it gives them. */
export function showAnswer(
  { plan, text }: PreparedQuestion,
  { stored, answeredAt }: ShownAnswer,
  { entryId, chargedPico }: { entryId: string; chargedPico: bigint },
): Answer {
  const { selected, keys } = plan.question;
  const shown = keysOf(plan, stored).map((values, group) => {
    const figures = new GroupFigures(plan, stored, group);
    return selected.map((item): { value: string | number | null; interval: ShownFigure['interval'] } =>
      item.kind === 'key'
        ? { value: values[keys.indexOf(item.column)] ?? null, interval: null }
        : figures.show(item.measure),
    );
  });
  return {
    columns: describeColumns(plan),
    rows: shown.map((row) => row.map(({ value }) => value)),
    intervals95: shown.map((row) => row.map(({ interval }) => interval && [interval[0], interval[1]])),
    ...lossText(plan.table.accounting, plan.charge.costPico),
    ...(plan.selection === undefined ? {} : { delta: deltaText(plan.charge.costAtto) }),
    ...describeSelection(plan),
    charged: epsilonText(chargedPico),
    entryId,
    question: text,
    answeredAt: answeredAt.toISOString(),
  };
}
