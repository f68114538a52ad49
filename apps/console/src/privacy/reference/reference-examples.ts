import type { TableSource } from '@castellan/contracts';

const protection = {
  columns: [
    { name: 'person', type: 'id' },
    { name: 'town', type: 'category', values: ['east', 'west'] },
    { name: 'cost', type: 'number', lower: 0, upper: 1000, decimals: 2 },
  ],
  privacyUnit: 'person',
  maxGroupsPerUnit: 1,
  maxRowsPerGroup: 10,
  purpose: 'What visits cost, by town.',
};

const declarations: Readonly<Record<TableSource['kind'], object>> = {
  postgresql: {
    source: {
      kind: 'postgresql',
      host: 'db.example.org',
      port: 5432,
      database: 'clinic',
      schema: 'public',
      table: 'visits',
      tls: 'verify',
    },
    ...protection,
  },
  s3: {
    source: {
      kind: 's3',
      bucket: 'clinic',
      key: '2026/visits.parquet',
      region: 'eu-north-1',
      endpoint: 'https://s3.example.org',
    },
    format: 'parquet',
    ...protection,
  },
};

/** Text to begin a declaration with. */
export function exampleText(kind: TableSource['kind']): string {
  const dataset = { project: 'default', name: 'visits', epsilonLimit: '4', declaration: declarations[kind] };
  return JSON.stringify(dataset, null, 2);
}
