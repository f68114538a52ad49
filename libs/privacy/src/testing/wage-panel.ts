import type { DatasetDeclaration } from '@castellan/contracts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The real table of test/fixtures, and the declaration that its steward would write. */
export const wagePanelDeclaration: DatasetDeclaration = {
  columns: [
    { name: 'person_id', type: 'id' },
    { name: 'year', type: 'category', values: Array.from({ length: 8 }, (_, i) => String(1980 + i)) },
    { name: 'region', type: 'category', values: ['northeast', 'north_central', 'south', 'west'] },
    { name: 'occupation', type: 'category', values: Array.from({ length: 9 }, (_, i) => String(i + 1)) },
    { name: 'amount', type: 'number', lower: 0, upper: 50_000, decimals: 2 },
  ],
  privacyUnit: 'person_id',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 2,
  maxRowsPerGroup: 8,
  purpose: 'Teaching: what a question costs.',
};

export function wagePanelCsv(): Promise<Buffer> {
  return readFile(join(import.meta.dirname, '../../../../test/fixtures/wage-panel/wage-panel.csv'));
}

/** The table without the rows of one person. */
export function withoutPerson(csv: Buffer, personId: string): Buffer {
  const lines = csv.toString().split('\n');
  return Buffer.from(lines.filter((line) => !line.startsWith(`${personId},`)).join('\n'));
}
