import { WatchRule, type Watching, WatchSettings, type WorkingHours } from '@castellan/contracts';
import { Command } from 'commander';
import { AlarmClient } from '../client/alarm-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { UsageError } from '../usage-error.js';

export async function alarmsOf(invocation: Invocation): Promise<AlarmClient> {
  return new AlarmClient((await invocation.api()).connection);
}

/** `castellan alarms watching`: the rules as they hold, and how far the log has been looked at. */
export function watchingCommand(around: Surroundings): Command {
  return new Command('watching')
    .description('what is watched for')
    .action(async (_: object, command: Command) => {
      const invocation = new Invocation(around, command);
      const watching = await (await alarmsOf(invocation)).watching();
      invocation.terminal.result(watching, described(watching));
    });
}

interface SetOptions {
  readonly hours?: string | false;
  readonly days?: string;
  readonly timeZone?: string;
  readonly threshold?: readonly string[];
  readonly ownThreshold?: readonly string[];
  readonly mute?: readonly string[];
  readonly unmute?: readonly string[];
}

/** `castellan alarms set`: changes what it names and leaves the rest. */
export function setWatchingCommand(around: Surroundings): Command {
  return new Command('set')
    .description('set working hours, thresholds and muted rules')
    .option('--hours <from-to>', 'when people work, such as 09:00-18:00')
    .option('--no-hours', 'do not judge by the hour')
    .option('--days <days>', 'on which days, 1 is Monday, such as 1,2,3,4,5')
    .option('--time-zone <zone>', 'such as Asia/Shanghai')
    .option('--threshold <rule=number...>', 'from how much on a rule raises an alarm')
    .option('--own-threshold <rule...>', 'back to the rule’s own threshold')
    .option('--mute <rule...>', 'raise no alarms of these rules')
    .option('--unmute <rule...>', 'raise them again')
    .action(async (options: SetOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const alarms = await alarmsOf(invocation);
      const { settings } = await alarms.watching();
      const watching = await alarms.change(changed(settings, options));
      invocation.terminal.result(watching, described(watching));
    });
}

function changed({ hours, thresholds, muted }: WatchSettings, options: SetOptions): WatchSettings {
  const own = new Set(options.ownThreshold);
  const kept = Object.entries(thresholds).filter(([rule]) => !own.has(rule));
  const unmuted = new Set(options.unmute);
  const wanted = workingHours(hours, options);
  const read = WatchSettings.safeParse({
    ...(wanted === undefined ? {} : { hours: wanted }),
    thresholds: {
      ...Object.fromEntries(kept),
      ...Object.fromEntries((options.threshold ?? []).map(assigned)),
    },
    muted: [...new Set([...muted, ...(options.mute ?? [])])].filter((rule) => !unmuted.has(rule)),
  });
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UsageError(`${faults.join('; ')}. Rules: ${WatchRule.options.join(', ')}.`);
}

function workingHours(now: WorkingHours | undefined, options: SetOptions): WorkingHours | undefined {
  if (options.hours === false) return undefined;
  const { days, timeZone } = options;
  const hours = typeof options.hours === 'string' ? options.hours : undefined;
  if (hours === undefined && days === undefined && timeZone === undefined) return now;
  const [from = '', to = ''] = hours?.split('-') ?? [now?.from ?? '09:00', now?.to ?? '18:00'];
  return {
    timeZone: timeZone ?? now?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    days: days?.split(',').map(Number) ?? now?.days ?? [1, 2, 3, 4, 5],
    from,
    to,
  };
}

function assigned(text: string): [string, number] {
  const [rule = '', number = ''] = text.split('=');
  return [rule, Number(number)];
}

function described({ settings: { hours }, rules, behind }: Watching): string {
  const rows = rules.map(({ rule, threshold, ownThreshold, unit, windowMs, learns, state }) => [
    rule,
    `${threshold}${unit === 'percent' ? ' %' : ''}${learns ? ' or the usual' : ''}`,
    threshold === ownThreshold ? '' : `(its own: ${ownThreshold})`,
    windowMs < 3_600_000 ? `${windowMs / 60_000} min` : `${windowMs / 3_600_000} h`,
    state === 'needs_hours' ? 'off: set --hours' : state,
  ]);
  const working =
    hours === undefined
      ? 'no working hours are set'
      : `working hours: ${hours.from}-${hours.to} on days ${hours.days.join(',')}, ${hours.timeZone}`;
  const table = formatTable(['RULE', 'ALARM FROM', '', 'WITHIN', 'STATE'], rows);
  return `${table}\n${working}\n${behind} signed leaves not looked at yet`;
}
