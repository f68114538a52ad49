import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import type { RunningCastellan } from './running-castellan.js';

/** The log records refusals as well, status rows come and go by themselves, and a queue has its own bookkeeping. */
const COUNTED = [
  ...['Organization', 'Project', 'Person', 'RoleBinding', 'Credential'],
  ...['Model', 'Version', 'VersionFile', 'ScanReport', 'TrustDocument', 'DataKey', 'Deployment'],
  ...['Dataset', 'PrivacyBudget', 'PrivacyLedgerEntry', 'PrivacyRelease'],
];

/** What an installation holds: rows by table, what was spent of each budget, files of the object store. */
export interface Holdings {
  readonly rows: Readonly<Record<string, number>>;
  readonly budgets: readonly string[];
  readonly blobs: readonly string[];
}

export async function holdingsOf(castellan: RunningCastellan): Promise<Holdings> {
  const [rows, budgets] = await behindTheScenes(castellan, (query) =>
    Promise.all([countRows(query), budgetsOf(query)]),
  );
  return { rows, budgets, blobs: await filesUnder(join(castellan.data, 'blobs')) };
}

export type Query = (sql: string, values?: readonly unknown[]) => Promise<unknown[]>;

/** Looks at the database, or changes it, past everything that guards it. */
export async function behindTheScenes<Answer>(
  castellan: RunningCastellan,
  look: (query: Query) => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client({ connectionString: await castellan.databaseUrl() });
  await client.connect();
  try {
    return await look(async (sql, values = []) => (await client.query(sql, [...values])).rows);
  } finally {
    await client.end();
  }
}

async function countRows(query: Query): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of COUNTED) {
    const [row] = await query(`SELECT count(*)::int AS n FROM "${table}"`);
    counts[table] = z.object({ n: z.number() }).parse(row).n;
  }
  return counts;
}

async function budgetsOf(query: Query): Promise<string[]> {
  const rows = await query(
    `SELECT "datasetId" || ' spent ' || "spentPico" || ' reserved ' || "reservedPico" AS said FROM "PrivacyBudget" ORDER BY 1`,
  );
  return rows.map((row) => z.object({ said: z.string() }).parse(row).said);
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
