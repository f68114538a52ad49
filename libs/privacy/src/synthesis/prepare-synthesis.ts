import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { SynthesisRequest } from '@castellan/contracts';
import { planSynthesis, type SynthesisPlan } from '@castellan/differential-privacy';
import { readDocument, type KnownDataset } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { lossOf } from '../ledger/accounting.js';
import { identifier } from '../question/question.js';
import { refused } from '../question/syntax.js';
import { dataIdentity } from '../dataset/require-sealed.js';
import { domainOf, type SyntheticDomain } from './synthesis-domain.js';

export interface PreparedSynthesis {
  readonly dataset: DatasetRow;
  readonly known: KnownDataset;
  readonly domain: readonly SyntheticDomain[];
  readonly plan: SynthesisPlan;
  /** Canonical JSON of the request without its epsilon, for which there is the charge. */
  readonly request: string;
  /** In words, for the ledger. */
  readonly text: string;
  readonly digest: string;
}

/** Changes when the same request would give another table. */
const PLANNER = 'castellan.synthesis/v1';

/** All pairs are counted at once, in memory. */
const MOST_CELLS = 4_000_000;

type Wanted = Omit<SynthesisRequest, 'epsilon'>;

/**
 * Bounds and prices a synthetic table. Depends on the request, the declaration and the charge alone.
 * @throws dataset_not_sealed, question_refused
 */
export function prepareSynthesis(
  dataset: DatasetRow,
  { columns, bins, rowsPerUnit }: Wanted,
  chargePico: bigint,
): PreparedSynthesis {
  const known = readDocument(dataset);
  const table = dataIdentity(dataset, known.table);
  const most = known.table.maxRowsPerGroup;
  if (BigInt(rowsPerUnit) > most)
    throw refused('rowsPerUnit', `the declaration lets a unit count with ${most} rows at most.`);
  const domain = domainOf(known.table, columns, bins);
  const plan = planSynthesis(
    domain.map(({ values }) => values + 1),
    lossOf(known.table.accounting, chargePico),
    BigInt(rowsPerUnit),
  );
  const cells = plan.candidates.reduce(
    (sum, { left, right }) => sum + (plan.cells[left] ?? 0) * (plan.cells[right] ?? 0),
    0,
  );
  if (cells > MOST_CELLS)
    throw refused(
      'columns',
      `their pairs have ${cells} cells; ${MOST_CELLS} can be counted. Take fewer columns.`,
    );
  const names = domain.map(({ column }) => column.name);
  const request = canonicalize({ columns: names, bins, rowsPerUnit });
  const identity = canonicalize({
    planner: PLANNER,
    request,
    chargePico: chargePico.toString(),
    declaration: known.digest,
    table,
  });
  const text = `SYNTHESIZE ${names.map(identifier).join(', ')} FROM ${identifier(dataset.name)} WITH ${bins} BINS, ${rowsPerUnit} ROWS PER UNIT`;
  const digest = createHash('sha256').update(identity, 'utf8').digest('hex');
  return { dataset, known, domain, plan, request, text, digest };
}

/** What a row holds of a request. */
export function readSynthesisRequest(request: string): Wanted {
  return SynthesisRequest.omit({ epsilon: true }).parse(JSON.parse(request));
}
