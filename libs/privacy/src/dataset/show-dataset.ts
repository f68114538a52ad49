import { ConfirmClassification, type Dataset, type DatasetClassification } from '@castellan/contracts';
import { readDocument } from './dataset-document.js';
import type { DatasetRow } from './dataset-store.js';

/** A dataset as the contract shows it. */
export function showDataset(row: DatasetRow): Dataset {
  const { document } = readDocument(row);
  return {
    id: row.id,
    name: row.name,
    project: row.project.name,
    steward: row.stewardId,
    declaration: document.declaration,
    declarationDigest: row.declarationDigest,
    state: row.state === 'sealed' ? 'sealed' : 'declared',
    ...(row.classification === null ? {} : { classification: showClassification(row.classification) }),
    createdAt: row.createdAt.toISOString(),
    ...(row.sha256 === null ? {} : { sha256: row.sha256 }),
    ...(row.sizeBytes === null ? {} : { sizeBytes: Number(row.sizeBytes) }),
    ...(document.declaration.source === undefined ? {} : { dataVersion: row.dataVersion }),
  };
}

function showClassification({
  columns,
  confirmedByName,
  confirmedAt,
}: NonNullable<DatasetRow['classification']>): DatasetClassification {
  return {
    columns: ConfirmClassification.shape.columns.parse(columns),
    confirmedBy: confirmedByName,
    confirmedAt: confirmedAt.toISOString(),
  };
}
