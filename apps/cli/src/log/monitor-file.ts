import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogAlarm } from '@castellan/audit';
import { z } from 'zod';
import { UsageError } from '../usage-error.js';
import { isAbsent } from './is-absent.js';

/** What a monitor keeps between its visits. Whoever can change this file decides what it takes for an alarm. */
export const MonitorMemory = z.object({
  format: z.literal('castellan.monitor/v1'),
  /** The log's verifier key, as given or first seen. */
  vkey: z.string(),
  /** The last checkpoint that was found sound. */
  checkpoint: z.string().optional(),
  checkedAt: z.iso.datetime().optional(),
  /** The entries that were read and hashed so far: roots of the perfect subtrees, tallest first. */
  entries: z.object({ size: z.number().int().min(0), roots: z.array(z.base64()) }).optional(),
});
export type MonitorMemory = z.infer<typeof MonitorMemory>;

/** Undefined before the first visit. @throws UsageError for a file that is no monitor's: it is never begun anew. */
export async function readMonitorFile(path: string): Promise<MonitorMemory | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw new UsageError(`${path} can't be read.`, error);
  }
  try {
    return MonitorMemory.parse(JSON.parse(text));
  } catch (cause) {
    throw new UsageError(`${path} is not the file of a monitor of this release.`, cause);
  }
}

/** Returns when the file survives a crash: a monitor that forgets is one that can be lied to. */
export async function writeMonitorFile(path: string, memory: MonitorMemory): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(memory, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** Keeps the notes that show what the log did beside the monitor's file. @returns where */
export async function keepAlarm(path: string, alarm: LogAlarm, at: Date): Promise<string> {
  const kept = `${path}.alarm-${at.toISOString().replaceAll(/[:.]/g, '')}.json`;
  const { code, publicDetail: detail, meta } = alarm;
  await writeFile(kept, `${JSON.stringify({ code, detail, at: at.toISOString(), ...meta }, null, 2)}\n`);
  return kept;
}
