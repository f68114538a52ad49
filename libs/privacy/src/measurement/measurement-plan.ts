import {
  DiscreteLaplaceMechanism,
  PICO_PER_EPSILON,
  divide,
  rational,
  type IntegerMechanism,
} from '@castellan/differential-privacy';
import type { CategoryColumn, NumberColumn, ProtectedTable } from '../declaration/protected-table.js';
import { measuresOf, measureText, type Measure, type Question } from '../question/question.js';
import { refused } from '../question/syntax.js';

/** The interval in which one unit's share of one group is clamped, in integers of 10^−decimals. */
export interface Clamp {
  readonly lower: bigint;
  readonly upper: bigint;
}

export interface PlannedMeasure {
  readonly measure: Measure;
  /** `COUNT(*)`, `SUM("amount")`: the same for the same measure. */
  readonly text: string;
  readonly clamp: Clamp;
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
  readonly chargePico: bigint;
}

/** Beyond this an answer is no longer something a person reads, and every group costs memory. */
export const MOST_GROUPS = 10_000;

/** The clamp of one unit's share of one group, by measure. Absent units count as 0, so 0 always lies inside. */
function clampOf(measure: Measure, table: ProtectedTable): Clamp {
  const rows = table.maxRowsPerGroup;
  switch (measure.kind) {
    case 'units':
      return { lower: 0n, upper: 1n };
    case 'rows':
    case 'values':
      return { lower: 0n, upper: rows };
    case 'sum': {
      const { lower, upper } = numberColumn(table, measure.column);
      return { lower: lower < 0n ? lower * rows : 0n, upper: upper > 0n ? upper * rows : 0n };
    }
  }
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
 * Bounds a question and divides its charge evenly among the distinct measures (basic composition: the losses add up to
 * exactly the charge).
 *
 * Neighbours: add or remove all rows of one unit. Sensitivity of each measure: L0 · max(|lower|, |upper|) of its clamp.
 * Fails with `question_refused` when the public lists make more than `MOST_GROUPS` groups.
 */
export function planMeasurement(
  question: Question,
  table: ProtectedTable,
  chargePico: bigint,
): MeasurementPlan {
  const keys = keyColumns(question, table);
  const groupCount = keys.reduce((product, key) => product * key.values.length, 1);
  if (groupCount > MOST_GROUPS)
    throw refused(
      'GROUP BY',
      `the public lists make ${groupCount} groups; at most ${MOST_GROUPS} can be asked at once.`,
    );
  const all = BigInt(groupCount);
  const groupsPerUnit = table.maxGroupsPerUnit < all ? table.maxGroupsPerUnit : all;
  const measures = measuresOf(question);
  const share = divide(rational(chargePico, PICO_PER_EPSILON), rational(BigInt(measures.length)));
  const plan = (measure: Measure): PlannedMeasure => {
    const clamp = clampOf(measure, table);
    const sensitivity = groupsPerUnit * (-clamp.lower > clamp.upper ? -clamp.lower : clamp.upper);
    return {
      measure,
      text: measureText(measure),
      clamp,
      decimals: measure.kind === 'sum' ? numberColumn(table, measure.column).decimals : 0,
      sensitivity,
      mechanism: DiscreteLaplaceMechanism.costing(share, {
        neighbours: 'add_or_remove_unit',
        absolute: sensitivity,
      }),
    };
  };
  return { table, question, keys, groupCount, groupsPerUnit, measures: measures.map(plan), chargePico };
}
