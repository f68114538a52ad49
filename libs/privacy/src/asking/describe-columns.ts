import { multiply, rational, toNumber, type PrivacyLoss } from '@castellan/differential-privacy';
import type { AnswerColumn, AnswerPart, KeySelection } from '@castellan/contracts';
import { decimalText } from '../declaration/fixed-point.js';
import { deltaText } from '../ledger/atto-delta.js';
import { partsOf, partText } from '../measurement/measured-part.js';
import type { MeasurementPlan, PlannedMeasure } from '../measurement/measurement-plan.js';
import type { PlannedQuantile } from '../measurement/quantile-plan.js';
import { measureText, type Measure } from '../question/question.js';

export const CONFIDENCE = 0.95;

/** The planned parts of a figure, in order. */
export function plannedParts(plan: MeasurementPlan, measure: Measure): readonly PlannedMeasure[] {
  return partsOf(measure).map((part) => {
    const found = plan.measures.find(({ text }) => text === partText(part));
    if (!found) throw new Error(`no such part in the plan: ${partText(part)}`);
    return found;
  });
}

export function plannedQuantile(plan: MeasurementPlan, measure: Measure): PlannedQuantile {
  const found = plan.quantiles.find(({ text }) => text === measureText(measure));
  if (!found) throw new Error(`no such quantile in the plan: ${measureText(measure)}`);
  return found;
}

/** An integer of a part in units of the column. */
export function inUnits(value: bigint, { step, decimals }: PlannedMeasure): number {
  return Number(decimalText(value * step, decimals));
}

/** Columns with the noise that they carry, in units of the column. Known before anything is paid. */
export function describeColumns(plan: MeasurementPlan): AnswerColumn[] {
  return plan.question.selected.map((item) => {
    if (item.kind === 'key') return { name: item.as, kind: 'key' };
    return { name: item.as, kind: 'measure', ...describeMeasure(plan, item.measure) };
  });
}

/** How groups are chosen when their keys are not public; nothing otherwise. */
export function describeSelection({ selection, measures: [units], keys, groupsPerUnit }: MeasurementPlan): {
  readonly selection?: KeySelection;
} {
  if (selection === undefined || units === undefined) return {};
  const { mechanism } = units;
  const { cost } = mechanism;
  return {
    selection: {
      keys: keys.filter(({ kind }) => kind === 'text').map(({ name }) => name),
      mechanism: mechanism.name,
      noiseScale: toNumber(mechanism.scale),
      threshold: Number(selection.threshold),
      // The noise lies on either side of its interval with half the rest.
      shownFrom: Number(selection.threshold + 1n + mechanism.halfWidth(2 * CONFIDENCE - 1)),
      ...costText(cost),
      delta: deltaText(selection.deltaAtto),
      groupsPerUnit: Number(groupsPerUnit),
    },
  };
}

function describeMeasure(plan: MeasurementPlan, measure: Measure): Omit<AnswerColumn, 'name' | 'kind'> {
  switch (measure.kind) {
    case 'quantile':
      return describeQuantile(plannedQuantile(plan, measure));
    case 'average':
    case 'variance':
    case 'deviation':
      return { parts: plannedParts(plan, measure).map(describePart) };
    default: {
      const [part] = plannedParts(plan, measure).map(describePart);
      if (!part) return {};
      const { name: _, ...noise } = part;
      return noise;
    }
  }
}

function describePart(part: PlannedMeasure): AnswerPart {
  const { text, mechanism, step, decimals } = part;
  const { cost } = mechanism;
  return {
    name: text,
    mechanism: mechanism.name,
    noiseScale: toNumber(multiply(mechanism.scale, rational(step))) / 10 ** decimals,
    sensitivity: sensitivityOf(part),
    interval95: inUnits(mechanism.halfWidth(CONFIDENCE), part),
    ...costText(cost),
  };
}

/** Δ₁ of Laplace noise, Δ₂ of Gaussian: what the scale is a multiple of. */
function sensitivityOf(part: PlannedMeasure): number {
  if (part.mechanism.cost.definition === 'pure') return inUnits(part.sensitivity, part);
  return (Math.sqrt(Number(part.squaredSensitivity)) * Number(part.step)) / 10 ** part.decimals;
}

function costText(cost: PrivacyLoss): { epsilon: string } | { rho: string } {
  return cost.definition === 'pure'
    ? { epsilon: String(toNumber(cost.epsilon)) }
    : { rho: String(toNumber(cost.rho)) };
}

/**
 * In rows of rank. The selected point scores at most scale · ln(points/0.05) below the best, which has 0, with 95 %
 * probability: permute-and-flip is the greatest of scores with exponential noise (arXiv 2105.07260), the exponential mechanism
 * that of scores with Gumbel noise, and the union bound does the rest. A score is `denominator` times the rows that the rank is off by.
 */
function describeQuantile({
  selection,
  probability,
  grid,
  loss,
}: PlannedQuantile): Omit<AnswerColumn, 'name' | 'kind'> {
  const rows = (score: number) => score / Number(probability.denominator);
  const scale = toNumber(selection.scale);
  const points = Number(grid.last) + 1;
  return {
    mechanism: selection.name,
    ...costText(loss),
    rank: {
      noiseScale: rows(scale),
      sensitivity: rows(Number(selection.sensitivity.perScore)),
      interval95: rows(scale * Math.log(points / (1 - CONFIDENCE))),
    },
  };
}
