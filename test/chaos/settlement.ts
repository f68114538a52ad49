import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { behindTheScenes } from '../support/holdings.js';
import type { RunningCastellan } from '../support/running-castellan.js';

const Recorded = z.object({ blobKey: z.string(), versionId: z.string() });
const Finalised = z.object({ id: z.string() });

export interface Settled {
  /** Files that are recorded and have no blob: data that was acknowledged and is gone. */
  readonly missing: readonly string[];
  /**
   * Blobs of finalised versions that no file names. Those of a version that is still uploading are not counted: it takes the
   * file again, and they go when it is finalised or given up.
   */
  readonly unexplained: readonly string[];
}

/** True once no event waits for its place in the log, and none for a checkpoint. */
export function nothingUnsigned(castellan: RunningCastellan): Promise<true | undefined> {
  return behindTheScenes(castellan, async (query) => {
    const [state] = await query(`
      SELECT NOT EXISTS (SELECT FROM "AuditOutbox")
         AND (SELECT count(*) FROM "AuditEntry") = (SELECT max(size) FROM "AuditCheckpoint") AS signed`);
    return z.object({ signed: z.boolean() }).parse(state).signed || undefined;
  });
}

/** Holds the rows of versions against the object store. */
export async function settledVersions(castellan: RunningCastellan): Promise<Settled> {
  const [files, finalised] = await behindTheScenes(castellan, async (query) => [
    Recorded.array().parse(
      await query(`
        SELECT "blobKey", "versionId" FROM "VersionFile"
         UNION ALL
        SELECT s."blobKey", coalesce(f."versionId", u."versionId") AS "versionId"
          FROM "FileSegment" s LEFT JOIN "VersionFile" f ON f.id = s."fileId" LEFT JOIN "Upload" u ON u.id = s."uploadId"`),
    ),
    Finalised.array().parse(await query('SELECT id FROM "Version" WHERE "finalizedAt" IS NOT NULL')),
  ]);
  const blobs = await blobKeys(castellan, 'versions');
  const recorded = new Set(files.map(({ blobKey }) => blobKey));
  const settled = new Set(finalised.map(({ id }) => id));
  return {
    missing: [...recorded].filter((key) => !blobs.includes(key)),
    unexplained: blobs.filter((key) => !recorded.has(key) && settled.has(key.split('/')[1] ?? '')),
  };
}

async function blobKeys({ data }: RunningCastellan, folder: string): Promise<string[]> {
  const root = join(data, 'blobs');
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1, -'.blob'.length));
}

/** Budgets whose sums are not those of their entries, or beyond their limit. */
export function unevenBudgets(castellan: RunningCastellan): Promise<unknown[]> {
  return behindTheScenes(castellan, (query) =>
    query(`
      SELECT b."datasetId", b."limitPico", b."spentPico", b."reservedPico"
        FROM "PrivacyBudget" b
       WHERE b."spentPico" + b."reservedPico" > b."limitPico"
          OR b."spentAtto" + b."reservedAtto" > b."limitAtto"
          OR b."spentPico" <> ${sumOf('committed', 'costPico')}
          OR b."spentAtto" <> ${sumOf('committed', 'costAtto')}
          OR b."reservedPico" <> ${sumOf('reserved', 'costPico')}
          OR b."reservedAtto" <> ${sumOf('reserved', 'costAtto')}`),
  );
}

function sumOf(state: string, cost: string): string {
  return `(SELECT coalesce(sum(e."${cost}"), 0) FROM "PrivacyLedgerEntry" e
            WHERE e."datasetId" = b."datasetId" AND e.state = '${state}')`;
}
