import { extname } from 'node:path';
import { movable, type ModelFiles } from '../engine.js';
import { apart } from '../host/apart.js';
import { type Inspection } from './inspect.js';

const QUARTER_OF_AN_HOUR = 15 * 60_000;

/**
 * `inspect` in a thread of its own, away from the keys that the process holds. The files' memory moves into the thread,
 * which overwrites it. Never throws for what a file contains: a scan that did not come to its end is `unreadable`.
 * @param timeLimit in milliseconds
 */
export async function inspectApart(files: ModelFiles, timeLimit = QUARTER_OF_AN_HOUR): Promise<Inspection> {
  const owned = Array.from(files, ([path, bytes]) => [path, movable(bytes)] as const);
  const entry = new URL(`./inspection-thread${extname(import.meta.url)}`, import.meta.url);
  try {
    return await apart({ entry, task: owned, moved: owned.map(([, bytes]) => bytes), timeLimit });
  } catch (cause) {
    return notSeen(cause instanceof Error ? cause.message : String(cause));
  }
}

function notSeen(why: string): Inspection {
  const detail = `The scan did not come to its end: ${why}.`;
  const finding = { code: 'file_unreadable', severity: 'critical', path: '', detail } as const;
  return { verdict: 'unreadable', detectedFormat: 'unknown', findings: [finding], scannedFiles: [] };
}
