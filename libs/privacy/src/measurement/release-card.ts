import type { TableSource } from '@castellan/contracts';
import { toText } from '@castellan/differential-privacy';
import type { PreparedQuestion } from '../asking/prepare-question.js';
import { deltaText } from '../ledger/atto-delta.js';
import type { MeasurementPlan, PlannedMeasure } from './measurement-plan.js';
import type { PlannedQuantile } from './quantile-plan.js';

/**
 * How a release was made private, for the audit log: the fields that NIST SP 800-226 and the registry of deployments ask
 * for. Public throughout: it follows from the question and the declaration.
 */
export interface ReleaseCard {
  readonly [member: string]: string | number | ReleaseCard[];
}

const sourceCards: Readonly<Record<TableSource['kind'], string>> = {
  postgresql: 'PostgreSQL, by reference: as it was when it was measured',
  s3: 'S3 object, by reference: the one that it was when its access key was sealed',
};

export function releaseCard({ dataset, plan, known, text, digest }: PreparedQuestion): ReleaseCard {
  return {
    definition: definitionOf(plan),
    neighbours: known.document.declaration.neighbours,
    unit: plan.table.privacyUnit.name,
    model: 'central',
    composition: plan.table.accounting === 'zcdp' ? 'zero-concentrated, in rho' : 'basic',
    question: text,
    questionDigest: digest,
    declaration: known.digest,
    ...(known.table.source === undefined
      ? {}
      : {
          source: sourceCards[known.table.source.kind],
          dataVersion: dataset.dataVersion,
        }),
    ...groupsCard(plan),
    groupsPerUnit: Number(plan.groupsPerUnit),
    rowsPerGroup: Number(plan.table.maxRowsPerGroup),
    measures: [...plan.measures.map(noiseCard), ...plan.quantiles.map(selectionCard)],
  };
}

function definitionOf({ table, selection }: MeasurementPlan): string {
  if (table.accounting === 'zcdp')
    return `${selection ? 'approximate ' : ''}zero-concentrated differential privacy`;
  return `${selection ? 'approximate' : 'pure'} differential privacy`;
}

function groupsCard({ groupCount, selection }: MeasurementPlan): ReleaseCard {
  if (selection === undefined) return { groups: groupCount ?? 0 };
  return {
    groups: 'selected: noisy number of units > threshold',
    threshold: selection.threshold.toString(),
    delta: deltaText(selection.deltaAtto),
    selectionCitation: 'Google, Delta For Thresholding',
  };
}

function noiseCard(planned: PlannedMeasure): ReleaseCard {
  const { text, mechanism, sensitivity, squaredSensitivity, step, decimals } = planned;
  return {
    measure: text,
    mechanism: mechanism.name,
    citation: mechanism.citation,
    sensitivity: sensitivity.toString(),
    ...(mechanism.cost.definition === 'pure' ? {} : { squaredSensitivity: squaredSensitivity.toString() }),
    scale: toText(mechanism.scale),
    decimals,
    ...(step === 1n ? {} : { step: step.toString() }),
  };
}

function selectionCard({ text, selection, grid, column }: PlannedQuantile): ReleaseCard {
  return {
    measure: text,
    mechanism: selection.name,
    citation: selection.name === 'exponential' ? 'arXiv:2004.07223' : 'arXiv:2010.12603',
    sensitivity: selection.sensitivity.perScore.toString(),
    scale: toText(selection.scale),
    decimals: column.decimals,
    candidates: Number(grid.last) + 1,
    step: grid.step.toString(),
  };
}
