import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { CastellanError } from '@castellan/errors';
import { Invocation, type Surroundings } from '../invocation.js';
import { logKey } from '../log/log-key.js';
import type { MonitorVisit } from '../log/monitor-log.js';
import { ServedLog } from '../log/served-log.js';
import { durationText } from './arguments.js';

interface MonitorCommandOptions {
  readonly state?: string;
  readonly vkey?: string;
  readonly entries: boolean;
  readonly interval: number;
  readonly once: boolean;
}

export function auditMonitorCommand(around: Surroundings): Command {
  return new Command('monitor')
    .description('watch that the log only ever grows; ends with 1 and the proof when it does not')
    .option('--once', 'look once', false)
    .option('--interval <time>', 'pause between two looks', durationText, 60_000)
    .option('--entries', 'read every new entry too (platform administrators)', false)
    .option('--state <file>', "the monitor's own file; keep it where the operators of the log have no say")
    .option('--vkey <key|file>', "the log's verifier key, as you were given it")
    .action(async (options: MonitorCommandOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const look = await monitor(invocation, options);
      tell(invocation, await look());
      while (!options.once && (await pause(options.interval, invocation.signal)))
        tell(invocation, await patiently(look, invocation));
    });
}

async function monitor(
  invocation: Invocation,
  { state, vkey, entries }: MonitorCommandOptions,
): Promise<() => Promise<MonitorVisit>> {
  const { monitorLog } = await import('../log/monitor-log.js');
  const { readMonitorFile } = await import('../log/monitor-file.js');
  const api = await invocation.api();
  const file = state ?? join(invocation.config.home, 'audit-monitor.json');
  const kept = (await readMonitorFile(file))?.vkey;
  const given = vkey === undefined ? undefined : await logKey(vkey);
  if (given !== undefined && kept !== undefined && given !== kept)
    throw new CastellanError({
      code: 'log_key_changed',
      kind: 'conflict',
      publicDetail: `${file} follows another log (${kept}). A new log is watched with a new file: --state.`,
    });
  const key = given ?? kept ?? (await firstSeen(invocation));
  const log = new ServedLog(api.connection);
  return () => monitorLog(log, { file, vkey: key, entries, now: invocation.now });
}

/** Trust on first use, and said so: a server that lies from the first day on can't be told. */
async function firstSeen(invocation: Invocation): Promise<string> {
  const { logVkey } = await (await invocation.api()).trust();
  invocation.terminal.say(`The server's own word is taken for the log's key, this once: ${logVkey}`);
  return logVkey;
}

/** An outage is no alarm: it is told, and the next look is the next look. */
async function patiently(
  look: () => Promise<MonitorVisit>,
  { terminal }: Invocation,
): Promise<MonitorVisit | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof CastellanError) || error.kind !== 'unavailable') throw error;
    terminal.say(`not reached: ${error.publicDetail}`);
    return undefined;
  }
}

function tell({ terminal, now }: Invocation, visit: MonitorVisit | undefined): void {
  if (visit === undefined) return;
  const { size, grown, entries } = visit;
  const growth = grown === undefined ? 'first look' : `${grown} more than at the last look`;
  const read = entries === undefined ? '' : `; all ${entries} entries are the signed ones`;
  const text = `${now().toISOString()} sound: ${size} leaves, ${growth}${read}`;
  terminal.result({ ok: true, at: now().toISOString(), ...visit }, text);
}

async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
