import {
  DiscreteLaplaceMechanism,
  PICO_PER_EPSILON,
  divide,
  rational,
  type IntegerMechanism,
} from '@castellan/differential-privacy';
import type { CategoryColumn, NumberColumn, ProtectedTable } from '../declaration/protected-table.js';
import { measuresOf, type Question } from '../question/question.js';
import { refused } from '../question/syntax.js';
import { centredGridOf } from './centred-grid.js';
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
  readonly mechanism: IntegerMechanism;
}

/**
 * Everything about a measurement but the data: which groups, which clamps, which noise. It follows from the question, the
 * declaration and the charge alone, so that price and expected error can be shown before anything is paid.
 */
export interface MeasurementPlan {
  readonly table: ProtectedTable;
  readonly question: Question;
  readonly keys: readonly CategoryColumn[];
  /** The number of groups: the product of the public lists, 1 without GROUP BY. */
  readonly groupCount: number;
  /** How many groups one unit counts in. */
  readonly groupsPerUnit: bigint;
  readonly measures: readonly PlannedMeasure[];
  readonly quantiles: readonly PlannedQuantile[];
  readonly chargePico: bigint;
}

/** Beyond this an answer is no longer something a person reads, and every group costs memory. */
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

/** The distinct parts of all measures, in the order in which they are first needed. What two figures share is paid for once. */
function distinctParts(question: Question): readonly MeasuredPart[] {
  const parts = measuresOf(question).flatMap(partsOf);
  return [...new Map(parts.map((part) => [partText(part), part])).values()];
}

export function numberColumn(table: ProtectedTable, name: string): NumberColumn {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column?.kind !== 'number') throw new Error(`not a number column: ${name}`);
  return column;
}

function keyColumns(question: Question, table: ProtectedTable): readonly CategoryColumn[] {
  return question.keys.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column?.kind !== 'category') throw new Error(`not a category column: ${name}`);
    return column;
  });
}

/**
 * Bounds a question and divides its charge evenly among the distinct parts and quantiles (basic composition: the losses add
 * up to exactly the charge).
 *
 * Neighbours: add or remove all rows of one unit. Sensitivity of each part: L0 · max(|lower|, |upper|) of its clamp; of a
 * quantile: see `planQuantile`.
 * Fails with `question_refused` when the public lists make more than `MOST_GROUPS` groups, or a quantile is asked of more
 * than `MOST_QUANTILE_GROUPS`.
 */
export function planMeasurement(
  question: Question,
  table: ProtectedTable,
  chargePico: bigint,
): MeasurementPlan {
  const keys = keyColumns(question, table);
  const groupCount = keys.reduce((product, key) => product * key.values.length, 1);
  const asked = measuresOf(question).filter((measure) => measure.kind === 'quantile');
  requireReadable(groupCount, asked);
  const all = BigInt(groupCount);
  const groupsPerUnit = table.maxGroupsPerUnit < all ? table.maxGroupsPerUnit : all;
  const parts = distinctParts(question);
  const charge = rational(chargePico, PICO_PER_EPSILON);
  const epsilon = divide(charge, rational(BigInt(parts.length + asked.length)));
  const plan = (part: MeasuredPart): PlannedMeasure => {
    const bounds = boundsOf(part, table);
    const { lower, upper } = bounds.clamp;
    const sensitivity = groupsPerUnit * (-lower > upper ? -lower : upper);
    const mechanism = DiscreteLaplaceMechanism.costing(epsilon, {
      neighbours: 'add_or_remove_unit',
      absolute: sensitivity,
    });
    return { part, text: partText(part), ...bounds, sensitivity, mechanism };
  };
  return {
    table,
    question,
    keys,
    groupCount,
    groupsPerUnit,
    measures: parts.map(plan),
    quantiles: asked.map((measure) =>
      planQuantile(measure, numberColumn(table, measure.column), table, { epsilon, groupsPerUnit }),
    ),
    chargePico,
  };
}

function requireReadable(groupCount: number, quantiles: readonly QuantileMeasure[]): void {
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
