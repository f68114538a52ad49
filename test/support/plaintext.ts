import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { PatternSet } from '../../apps/cli/src/demo/pattern-set.js';
import {
  filesBelow,
  patternsOf,
  searchFiles,
  type SearchOutcome,
} from '../../apps/cli/src/demo/plaintext-search.js';
import { behindTheScenes } from './holdings.js';
import type { RunningCastellan } from './running-castellan.js';

const WINDOWS_A_SECRET = 100;

/** Where plaintext was found: files by path, and open files by process, deleted ones too. */
export interface PlaintextFound {
  readonly places: readonly string[];
  /** How much was searched, so that an empty search is seen. */
  readonly files: number;
  readonly openFiles: number;
}

/**
 * Looks for bytes of secrets, raw, in hex and in base64, in everything that an installation has on disk (object store, database
 * with its journal and queue, logs, temporary files) and behind every file that one of its processes holds open.
 */
export async function plaintextIn(
  castellan: RunningCastellan,
  pids: readonly number[],
  secrets: readonly Buffer[],
): Promise<PlaintextFound> {
  const patterns = new PatternSet(secrets.flatMap((secret) => patternsOf(secret, WINDOWS_A_SECRET)));
  for (const secret of secrets)
    if (!patterns.occursIn(secret)) throw new Error('the search would not find a secret in itself');
  // What the database holds in memory goes to its files first.
  await behindTheScenes(castellan, (query) => query('CHECKPOINT'));
  const onDisk = await searchFiles(filesBelow(castellan.data), patterns);
  const held = await heldIn(pids, patterns);
  const places = [...onDisk.found, ...(await Promise.all(held.found.map(describe)))];
  return { places, files: onDisk.files, openFiles: held.files };
}

/** The same behind the files that these processes and their children hold open, also where they were deleted. */
export async function heldIn(pids: readonly number[], patterns: PatternSet): Promise<SearchOutcome> {
  const everybody = [...pids, ...(await Promise.all(pids.map(childrenOf))).flat()];
  return searchFiles(openFilesOf(everybody), patterns);
}

/** The database works through processes of its own. */
async function childrenOf(pid: number): Promise<number[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return listed
    .split(' ')
    .filter((child) => child !== '')
    .map(Number);
}

/** Each file once, whoever holds it. */
async function* openFilesOf(pids: readonly number[]): AsyncGenerator<string> {
  const seen = new Set<string>();
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`;
    for (const number of await readdir(folder).catch(() => [])) {
      const path = `${folder}/${number}`;
      const target = await stat(path).catch(() => undefined);
      const identity = `${target?.dev} ${target?.ino}`;
      if (target?.isFile() !== true || seen.has(identity)) continue;
      seen.add(identity);
      yield path;
    }
  }
}

async function describe(path: string): Promise<string> {
  return `${path} -> ${await readlink(path).catch(() => 'gone')}`;
}
