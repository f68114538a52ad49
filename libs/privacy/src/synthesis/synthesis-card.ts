import { toText, type MarginalRelease } from '@castellan/differential-privacy';
import type { ReleaseCard } from '../measurement/release-card.js';
import type { PreparedSynthesis } from './prepare-synthesis.js';

/** How a synthetic table was made private: for the audit log, and for whoever downloads it. Public throughout. */
export function synthesisCard(
  { plan, known, domain, text, digest }: PreparedSynthesis,
  { pairs }: MarginalRelease,
): ReleaseCard {
  const nameOf = (column: number) => domain[column]?.column.name ?? '';
  return {
    definition: `${plan.loss.definition === 'pure' ? 'pure' : 'zero-concentrated'} differential privacy`,
    neighbours: known.document.declaration.neighbours,
    unit: known.table.privacyUnit.name,
    model: 'central',
    composition: plan.loss.definition === 'pure' ? 'basic' : 'zero-concentrated, in rho',
    question: text,
    questionDigest: digest,
    declaration: known.digest,
    ...(plan.loss.definition === 'pure'
      ? { epsilon: toText(plan.loss.epsilon) }
      : { rho: toText(plan.loss.rho) }),
    method: 'MST: one-way marginals, a privately chosen tree of two-way marginals',
    citation: 'arXiv:2108.04978',
    rowsPerUnit: Number(plan.rowsPerUnit),
    measures: [
      ...domain.map(({ column, values }) => ({
        measure: column.name,
        cells: values + 1,
        mechanism: plan.single.name,
        scale: toText(plan.single.scale),
      })),
      ...pairs.map(({ left, right, noisy }) => ({
        measure: `${nameOf(left)} × ${nameOf(right)}`,
        cells: noisy.length,
        mechanism: plan.pair?.name ?? '',
        scale: plan.pair ? toText(plan.pair.scale) : '',
        ...(plan.selection
          ? { chosenBy: plan.selection.name, selectionEpsilon: toText(plan.selection.epsilon) }
          : {}),
      })),
    ],
  };
}
