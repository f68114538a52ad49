import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { DatasetDeclaration, SubLimits } from '@castellan/contracts';
import { z } from 'zod';
import { parseDeclaration, type ProtectedTable } from '../declaration/protected-table.js';
import { deltaLimitOf } from '../ledger/atto-delta.js';
import { limitIn } from '../ledger/accounting.js';
import { PrivacyError } from '../privacy-error.js';
import type { DatasetRow } from './dataset-store.js';

const DatasetDocument = z.object({
  format: z.literal('castellan.dataset/v1'),
  /** Whose it is. Absent in documents from before it was written down. */
  organization: z.string().optional(),
  project: z.string().optional(),
  name: z.string(),
  declaration: DatasetDeclaration,
  epsilonLimit: z.string().optional(),
  rhoLimit: z.string().optional(),
  deltaLimit: z.string().optional(),
  /** What each person and each project may spend of it. */
  subLimits: SubLimits.optional(),
});
export type DatasetDocument = z.infer<typeof DatasetDocument>;

/** A dataset's document as canonical JSON, and its SHA-256. Neither ever changes. */
export function writeDocument(document: Omit<DatasetDocument, 'format'>): { text: string; digest: string } {
  const text = canonicalize({ format: 'castellan.dataset/v1', ...document });
  return { text, digest: digestOf(text) };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

export interface KnownDataset {
  readonly document: DatasetDocument;
  readonly table: ProtectedTable;
  readonly limitPico: bigint;
  readonly limitAtto: bigint;
  /** Of the text that was read, whatever the row says. */
  readonly digest: string;
}

/** What the row's document says. Fails with `declaration_invalid` when the row holds something else. */
export function readDocument(row: DatasetRow): KnownDataset {
  const document = DatasetDocument.safeParse(parseJson(row.declaration));
  if (!document.success || document.data.name !== row.name)
    throw new PrivacyError('declaration_invalid', {
      kind: 'internal',
      publicDetail: 'The stored declaration of this dataset is not one.',
    });
  const table = parseDeclaration(row.name, document.data.declaration);
  return {
    document: document.data,
    table,
    limitPico: limitIn(table.accounting, document.data),
    limitAtto: deltaLimitOf(document.data.deltaLimit),
    digest: digestOf(row.declaration),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The path under which the table is sealed. It is bound into the sealing, and it names the document: whoever exchanges
 * the declaration in the database (wider groups, another privacy unit, a higher limit) has a table that doesn't open.
 */
export function sealedTablePath(documentDigest: string): string {
  return `${documentDigest}.csv`;
}
