import { tmpdir } from 'node:os';
import pg from 'pg';
import { CastellanError } from '@castellan/errors';
import { formatBytes } from '../terminal/format.js';
import { fixtures } from './fixtures.js';
import { PatternSet } from './pattern-set.js';
import { changedSince, filesBelow, patternsOf, readSecrets, searchFiles } from './plaintext-search.js';
import type { Stage } from './stage.js';

const WINDOWS_A_SECRET = 200;

/**
 * Act 10. Bytes of the models and rows of the table are looked for in everything on disk: the data folder with the
 * database's own files, and the temporary folder. Gives the number of files that hold any.
 */
export async function plaintextIsSearched(stage: Stage, startedAt: Date): Promise<number> {
  const { narrator, installation } = stage;
  narrator.act('Is any of it readable on disk?');
  const secrets = [fixtures.kerasModel, fixtures.spareModel, fixtures.onnxModel, fixtures.table];
  const patterns = new PatternSet(
    (await readSecrets(secrets)).flatMap((secret) => patternsOf(secret, WINDOWS_A_SECRET)),
  );
  await requireFinds(patterns, secrets);
  await flushDatabase(installation.stack.databaseUrl);

  const data = await searchFiles(filesBelow(installation.folder.path), patterns);
  const temporary = await searchFiles(changedSince(filesBelow(tmpdir()), startedAt), patterns);
  const found = new Set([...data.found, ...temporary.found]);
  narrator.shown(
    found.size === 0,
    `${data.files + temporary.files} files, ${formatBytes(data.bytes + temporary.bytes)}, searched for raw, hex and base64: ${found.size} hold any`,
  );
  found.forEach((path) => narrator.tell(`  ${path}`));
  return found.size;
}

/** A search that finds nothing proves something only if it would have found it. */
async function requireFinds(patterns: PatternSet, secrets: readonly string[]): Promise<void> {
  for (const secret of secrets) {
    const { found } = await searchFiles(only(secret), patterns);
    if (found.length === 1) continue;
    throw new CastellanError({
      code: 'search_blind',
      kind: 'internal',
      publicDetail: `The search does not even find ${secret} in itself.`,
    });
  }
}

async function* only(path: string): AsyncGenerator<string> {
  yield path;
}

/** What the database holds in memory goes to its files before they are read. */
async function flushDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}
