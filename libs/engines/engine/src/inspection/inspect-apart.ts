import { extname } from 'node:path';
import { apart } from '../host/apart.js';
import { type Inspection } from './inspect.js';
import { RangeAnswers, type SettledFile } from './range-answers.js';
import { type InspectionTask } from './range-message.js';

export { type SettledFile } from './range-answers.js';

const QUARTER_OF_AN_HOUR = 15 * 60_000;
const MINUTE_PER_GIB = 60_000 / 2 ** 30;
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * `inspect` in a thread of its own, away from the keys that the process holds. The thread asks for the parts of the files
 * that it needs, some at a time, so that a version may be longer than memory. Never throws for what a file contains: a scan
 * that did not come to its end is `unreadable`. Throws what a file can't be read for.
 * @param timeLimit in milliseconds; by default a quarter of an hour, and a minute more for each GiB
 */
export async function inspectApart(
  files: ReadonlyMap<string, SettledFile>,
  timeLimit = timeFor(files),
): Promise<Inspection> {
  const answers = new RangeAnswers([...files.values()]);
  try {
    const inspection = await seenBy(answers, files, timeLimit);
    answers.requireAnswered();
    return inspection;
  } finally {
    await answers.close();
  }
}

async function seenBy(
  { port, shared }: RangeAnswers,
  files: ReadonlyMap<string, SettledFile>,
  timeLimit: number,
): Promise<Inspection> {
  const entry = new URL(`./inspection-thread${extname(import.meta.url)}`, import.meta.url);
  const named = Array.from(files, ([path, { sizeBytes }]) => [path, sizeBytes] as const);
  const task: InspectionTask = { files: named, port, shared };
  try {
    return await apart({ entry, task, moved: [], ports: [port], timeLimit });
  } catch (cause) {
    return notSeen(cause instanceof Error ? cause.message : String(cause));
  }
}

function timeFor(files: ReadonlyMap<string, SettledFile>): number {
  const sizeBytes = Array.from(files.values()).reduce((sum, file) => sum + file.sizeBytes, 0);
  return Math.min(QUARTER_OF_AN_HOUR + Math.ceil(sizeBytes * MINUTE_PER_GIB), LONGEST_TIMER);
}

function notSeen(why: string): Inspection {
  const detail = `The scan did not come to its end: ${why}.`;
  const finding = { code: 'file_unreadable', severity: 'critical', path: '', detail } as const;
  return { verdict: 'unreadable', detectedFormat: 'unknown', findings: [finding], scannedFiles: [] };
}
