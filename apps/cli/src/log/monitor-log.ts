import { LogAlarm, readNewEntries, visitLog } from '@castellan/audit';
import { CompactRange } from '@castellan/merkle-log';
import { keepAlarm, readMonitorFile, writeMonitorFile, type MonitorMemory } from './monitor-file.js';
import type { ServedLog } from './served-log.js';

export interface MonitorVisit {
  readonly size: number;
  /** Leaves since the visit before; absent at the first. */
  readonly grown?: number;
  /** Entries that were read and found to be the signed ones, ever since the first visit with `entries`. */
  readonly entries?: number;
  readonly checkpoint: string;
}

export interface MonitorOptions {
  readonly file: string;
  readonly vkey: string;
  /** Read every new entry too. */
  readonly entries: boolean;
  readonly now: () => Date;
}

/**
 * One visit: looks, and remembers what it saw if the log kept its promises.
 * @throws LogAlarm, after the notes that show it were kept beside the file (`meta.kept`); what the connection throws
 */
export async function monitorLog(log: ServedLog, options: MonitorOptions): Promise<MonitorVisit> {
  const memory = await readMonitorFile(options.file);
  try {
    return await visitTwice(log, memory, options);
  } catch (error) {
    if (!(error instanceof LogAlarm)) throw error;
    const kept = await keepAlarm(options.file, error, options.now());
    throw new LogAlarm(error.code, `${error.publicDetail} The notes that show it are in ${kept}.`, {
      presented: '',
      ...error.meta,
    });
  }
}

/** A payload may have expired while the entries were read: then the permit is in the log that is signed by now. */
async function visitTwice(
  log: ServedLog,
  memory: MonitorMemory | undefined,
  options: MonitorOptions,
): Promise<MonitorVisit> {
  try {
    return await visit(log, memory, options);
  } catch (error) {
    if (error instanceof LogAlarm && error.code === 'payload_missing') return visit(log, memory, options);
    throw error;
  }
}

async function visit(
  log: ServedLog,
  memory: MonitorMemory | undefined,
  { file, vkey, entries, now }: MonitorOptions,
): Promise<MonitorVisit> {
  const identity = { origin: vkey.slice(0, vkey.indexOf('+')), vkey };
  const checkpoint = await log.checkpoint();
  const held = memory?.checkpoint;
  const head = await visitLog({ identity, held, presented: checkpoint, readTile: log.readTile });
  const seen = entries
    ? await readNewEntries(
        rangeOf(memory),
        head,
        { identity, readTile: log.readTile, readEntries: log.readEntries },
        checkpoint,
      )
    : undefined;
  const read = seen === undefined ? memory?.entries : { size: seen.size, roots: seen.roots.map(base64) };
  await writeMonitorFile(file, {
    format: 'castellan.monitor/v1',
    vkey,
    checkpoint,
    checkedAt: now().toISOString(),
    ...(read && { entries: read }),
  });
  const before = held === undefined ? undefined : sizeOf(held);
  return {
    size: head.size,
    ...(before !== undefined && { grown: head.size - before }),
    ...(seen && { entries: seen.size }),
    checkpoint,
  };
}

function rangeOf(memory: MonitorMemory | undefined): CompactRange {
  const { size, roots } = memory?.entries ?? { size: 0, roots: [] };
  return CompactRange.restore(
    size,
    roots.map((root) => new Uint8Array(Buffer.from(root, 'base64'))),
  );
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** The second line of a checkpoint that was opened before. */
function sizeOf(note: string): number {
  return Number(note.split('\n')[1]);
}
