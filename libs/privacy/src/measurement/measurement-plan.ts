import {
  DiscreteGaussianMechanism,
  DiscreteLaplaceMechanism,
  divide,
  multiply,
  rational,
  rootAbove,
  type IntegerMechanism,
  type PrivacyLoss,
} from '@castellan/differential-privacy';
import type { KeyColumn, NumberColumn, ProtectedTable } from '../declaration/protected-table.js';
import { lossOf } from '../ledger/accounting.js';
import { measuresOf, type Question } from '../question/question.js';
import { PrivacyError } from '../privacy-error.js';
import { joinedTable } from '../question/joined-table.js';
import { refused } from '../question/syntax.js';
import { centredGridOf } from './centred-grid.js';
import { planSelection, type PlannedSelection } from './key-selection.js';
import { partsOf, partText, type MeasuredPart } from './measured-part.js';
import { planQuantile, type PlannedQuantile, type QuantileMeasure } from './quantile-plan.js';

/** The interval in which one unit's share of one group is clamped, in integers of the measure's unit. */
export interface Clamp {
  readonly lower: bigint;
  readonly upper: bigint;
}

/** One noisy integer a group. Its unit is step · 10^−decimals. */
export interface PlannedMeasure {
  readonly part: MeasuredPart;
  /** `COUNT(*)`, `SUM("amount")`: the same for the same part. */
  readonly text: string;
  readonly clamp: Clamp;
  readonly step: bigint;
  readonly decimals: number;
  /** Δ₁: how far all groups together can change when one unit comes or goes. */
  readonly sensitivity: bigint;
  /** Δ₂²: the greatest sum of the squares of those changes. */
  readonly squaredSensitivity: bigint;
  readonly mechanism: IntegerMechanism;
}

/**
 * Everything about a measurement but the data: which groups, which clamps, which noise. It follows from the question, the
 * declaration and the charge alone, so that price and expected error can be shown before anything is paid.
 */
export interface MeasurementPlan {
  /** The protected table, as it was declared. */
  readonly source: ProtectedTable;
  /** What the question sees: the same with the columns of joined public tables. */
  readonly table: ProtectedTable;
  readonly question: Question;
  readonly keys: readonly KeyColumn[];
  /** The number of groups: the product of the public lists, 1 without GROUP BY; undefined when a key has no public list. */
  readonly groupCount: number | undefined;
  /** How groups are chosen when a key has no public list. */
  readonly selection: PlannedSelection | undefined;
  /** How many groups one unit counts in. */
  readonly groupsPerUnit: bigint;
  readonly measures: readonly PlannedMeasure[];
  readonly quantiles: readonly PlannedQuantile[];
  readonly charge: Charge;
}

/** Pico: 1e-12 epsilon, or rho where losses are added up in that. Atto: 1e-18 delta. */
export interface Charge {
  readonly costPico: bigint;
  readonly costAtto: bigint;
}

/**
 * Beyond this an answer is no longer something a person reads, and every group costs memory. Of groups without a public list
 * those with the greatest noisy numbers of units are shown.
 */
export const MOST_GROUPS = 10_000;

/** A quantile keeps a count for every candidate in every group; more of them than this is more than a process should hold. */
export const MOST_QUANTILE_GROUPS = 1_000;

type PartBounds = Pick<PlannedMeasure, 'clamp' | 'step' | 'decimals'>;

/** How one unit's share of one group is clamped, by part. Absent units count as 0, so 0 always lies inside. */
function boundsOf(part: MeasuredPart, table: ProtectedTable): PartBounds {
  const rows = table.maxRowsPerGroup;
  switch (part.kind) {
    case 'units':
      return { clamp: { lower: 0n, upper: 1n }, step: 1n, decimals: 0 };
    case 'rows':
    case 'values':
      return { clamp: { lower: 0n, upper: rows }, step: 1n, decimals: 0 };
    case 'sum': {
      const { lower, upper, decimals } = numberColumn(table, part.column);
      const clamp = { lower: lower < 0n ? lower * rows : 0n, upper: upper > 0n ? upper * rows : 0n };
      return { clamp, step: 1n, decimals };
    }
    case 'centred': {
      const column = numberColumn(table, part.column);
      const { centre, reach, step } = centredGridOf(column);
      return { clamp: { lower: -centre * rows, upper: reach * rows }, step, decimals: column.decimals };
    }
    case 'centred_squares': {
      const column = numberColumn(table, part.column);
      const { reach, step } = centredGridOf(column);
      const clamp = { lower: 0n, upper: reach * reach * rows };
      return { clamp, step: step * step, decimals: 2 * column.decimals };
    }
  }
}

/** The distinct parts of all measures, in the order in which they are first needed; first what groups are selected by. What two figures share is paid for once. */
function distinctParts(question: Question, selecting: boolean): readonly MeasuredPart[] {
  const parts = measuresOf(question).flatMap(partsOf);
  if (selecting) parts.unshift({ kind: 'units' });
  return [...new Map(parts.map((part) => [partText(part), part])).values()];
}

export function numberColumn(table: ProtectedTable, name: string): NumberColumn {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column?.kind !== 'number') throw new Error(`not a number column: ${name}`);
  return column;
}

function keyColumns(question: Question, table: ProtectedTable): readonly KeyColumn[] {
  return question.keys.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column?.kind !== 'category' && column?.kind !== 'text') throw new Error(`not a key: ${name}`);
    return column;
  });
}

/**
 * Bounds a question and divides its charge evenly among the distinct parts and quantiles (basic composition: in epsilon the
 * losses add up to exactly the charge, in rho to at most the charge).
 *
 * Neighbours: add or remove all rows of one unit. It moves at most L0 groups of a part, each by m = max(|lower|, |upper|) of
 * its clamp: Δ₁ = L0 · m, Δ₂² = L0 · m². In epsilon noise is discrete Laplace of scale Δ₁/ε, in rho discrete Gaussian of
 * σ² = Δ₂²/2ρ (arXiv 2004.00010), σ rounded up. Quantiles: see `planQuantile`.
 * Fails with `delta_missing` when a key has no public list and no delta is offered; with `question_refused` when the public lists make more than `MOST_GROUPS` groups, or a quantile is asked of more
 * than `MOST_QUANTILE_GROUPS`.
 */
export function planMeasurement(
  question: Question,
  declared: ProtectedTable,
  offered: Charge,
): MeasurementPlan {
  const table = joinedTable(declared, question.joins);
  const keys = keyColumns(question, table);
  const groupCount = countGroups(keys);
  const charge = { ...offered, costAtto: groupCount === undefined ? requireDelta(offered, keys) : 0n };
  const asked = measuresOf(question).filter((measure) => measure.kind === 'quantile');
  requireReadable(groupCount, asked);
  const groupsPerUnit = leastOf(table.maxGroupsPerUnit, groupCount);
  const parts = distinctParts(question, groupCount === undefined);
  const loss = shareOf(lossOf(table.accounting, charge.costPico), parts.length + asked.length);
  const plan = (part: MeasuredPart): PlannedMeasure => {
    const bounds = boundsOf(part, table);
    const { lower, upper } = bounds.clamp;
    const most = -lower > upper ? -lower : upper;
    const sensitivity = groupsPerUnit * most;
    const squaredSensitivity = groupsPerUnit * most * most;
    const mechanism = noiseFor(loss, sensitivity, squaredSensitivity);
    return { part, text: partText(part), ...bounds, sensitivity, squaredSensitivity, mechanism };
  };
  const measures = parts.map(plan);
  const units = groupCount === undefined ? measures[0] : undefined;
  return {
    source: declared,
    table,
    question,
    keys,
    groupCount,
    groupsPerUnit,
    selection: units && planSelection(units.mechanism, groupsPerUnit, charge.costAtto),
    measures,
    quantiles: asked.map((measure) =>
      planQuantile(measure, numberColumn(table, measure.column), table, { loss, groupsPerUnit }),
    ),
    charge,
  };
}

function shareOf(loss: PrivacyLoss, parts: number): PrivacyLoss {
  const share = rational(1n, BigInt(parts));
  return loss.definition === 'pure'
    ? { ...loss, epsilon: multiply(loss.epsilon, share) }
    : { ...loss, rho: multiply(loss.rho, share) };
}

function noiseFor(loss: PrivacyLoss, absolute: bigint, squared: bigint): IntegerMechanism {
  const neighbours = 'add_or_remove_unit';
  if (loss.definition === 'pure')
    return DiscreteLaplaceMechanism.costing(loss.epsilon, { neighbours, absolute });
  const variance = divide(rational(squared), multiply(loss.rho, rational(2n)));
  return DiscreteGaussianMechanism.withScale(rootAbove(variance), { neighbours, squared });
}

/** Undefined when a key has no public list. */
function countGroups(keys: readonly KeyColumn[]): number | undefined {
  const lists = keys.flatMap((key) => (key.kind === 'category' ? [key.values] : []));
  return lists.length < keys.length ? undefined : lists.reduce((product, list) => product * list.length, 1);
}

function leastOf(most: bigint, groupCount: number | undefined): bigint {
  return groupCount !== undefined && BigInt(groupCount) < most ? BigInt(groupCount) : most;
}

function requireDelta({ costAtto }: Charge, keys: readonly KeyColumn[]): bigint {
  if (costAtto > 0n) return costAtto;
  const [key] = keys.filter(({ kind }) => kind === 'text');
  throw new PrivacyError('delta_missing', {
    kind: 'invalid',
    publicDetail: `The values of ${JSON.stringify(key?.name)} are not public, so which of them are shown costs delta, such as 1e-9: say how much.`,
  });
}

function requireReadable(groupCount: number | undefined, quantiles: readonly QuantileMeasure[]): void {
  if (groupCount === undefined) return;
  if (groupCount > MOST_GROUPS)
    throw refused(
      'GROUP BY',
      `the public lists make ${groupCount} groups; at most ${MOST_GROUPS} can be asked at once.`,
    );
  if (quantiles.length > 0 && groupCount > MOST_QUANTILE_GROUPS)
    throw refused(
      'QUANTILE',
      `the public lists make ${groupCount} groups; quantiles of at most ${MOST_QUANTILE_GROUPS} can be asked at once.`,
    );
}
