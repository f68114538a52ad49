import type { SynthesisFigures } from '@castellan/contracts';
import {
  fitTree,
  publicDraws,
  sampleTable,
  type MarginalRelease,
  type TreeModel,
} from '@castellan/differential-privacy';
import { CONFIDENCE } from '../asking/describe-columns.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { stateOf, type RunRow } from '../runs/run-store.js';
import { PrivacyError } from '../privacy-error.js';
import { prepareSynthesis, readSynthesisRequest, type PreparedSynthesis } from './prepare-synthesis.js';
import { readRelease } from './stored-synthesis.js';
import { decode, labelOf } from './synthesis-domain.js';

const MOST_ROWS = 200_000;

/**
 * A synthetic table that was paid for. Rows and figures are made of the released counts alone, by a seed that is no secret:
 * they cost nothing more, however often and however long they are taken.
 */
export class MadeSynthesis {
  readonly release: MarginalRelease;
  readonly prepared: PreparedSynthesis;
  private readonly model: TreeModel;

  /** @throws synthesis_not_made; ledger_inconsistent when the row holds something else */
  constructor(
    dataset: DatasetRow,
    private readonly run: RunRow,
  ) {
    const { release } = run.entry;
    if (release === null) throw notMade(run);
    this.prepared = prepareSynthesis(dataset, readSynthesisRequest(run.request), run.entry.costPico);
    this.release = readRelease(release.answer);
    this.model = fitTree(this.prepared.plan, this.release);
  }

  /** As many rows as the bounded table is estimated to have, and one at least. */
  get rows(): number {
    return Math.min(MOST_ROWS, Math.max(1, Math.round(this.model.rows)));
  }

  /** CSV with a header line. The same for the same number of rows. */
  table(rows = this.rows): string {
    const header = this.prepared.domain.map(({ column }) => column.name);
    const lines = [header, ...this.records(rows)].map((fields) => fields.map(csvField).join(','));
    return `${lines.join('\n')}\n`;
  }

  /** The fields of each row, in the order of the columns. */
  records(rows = this.rows): string[][] {
    const { domain } = this.prepared;
    const draws = publicDraws(`${this.run.entryId}/values`);
    const columns = this.sample(rows);
    return Array.from({ length: rows }, (_, row) =>
      domain.map((part, c) => decode(part, columns[c]?.[row] ?? 0, draws)),
    );
  }

  /** Released counts beside those of the table, column by column. */
  figures(): SynthesisFigures {
    const { domain, plan } = this.prepared;
    const columns = this.sample(this.rows);
    return {
      rows: this.rows,
      interval95: Number(plan.single.halfWidth(CONFIDENCE)),
      columns: domain.map((part, c) => {
        const synthetic = Array.from({ length: part.values + 1 }, () => 0);
        columns[c]?.forEach((value) => (synthetic[value] = (synthetic[value] ?? 0) + 1));
        const counts = synthetic.map((count, value) => ({
          value: labelOf(part, value),
          released: Number(this.release.singles[c]?.[value] ?? 0n),
          synthetic: count,
        }));
        return { name: part.column.name, counts };
      }),
    };
  }

  private sample(rows: number): Uint16Array[] {
    return sampleTable(this.model, rows, publicDraws(`${this.run.entryId}/rows`));
  }
}

function notMade(run: RunRow): PrivacyError {
  return new PrivacyError('synthesis_not_made', {
    kind: stateOf(run) === 'waiting' || stateOf(run) === 'running' ? 'unavailable' : 'conflict',
    publicDetail: `This synthetic table is ${stateOf(run)}: there is nothing to download.`,
    meta: { state: stateOf(run) },
  });
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
