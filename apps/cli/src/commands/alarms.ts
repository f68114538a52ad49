import { WatchRule, type Alarm } from '@castellan/contracts';
import { Command, Option } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { alarmsOf, setWatchingCommand, watchingCommand } from './watching.js';

/** `castellan alarms …`: what watching the audit log found, and what became of it. */
export function alarmsCommand(around: Surroundings): Command {
  return new Command('alarms')
    .description('what watching the audit log found')
    .addCommand(list(around), { isDefault: true })
    .addCommand(show(around))
    .addCommand(acknowledge(around))
    .addCommand(watchingCommand(around))
    .addCommand(setWatchingCommand(around));
}

interface ListOptions {
  readonly open?: true;
  readonly rule?: string;
  readonly before?: string;
  readonly limit: string;
}

function list(around: Surroundings): Command {
  return new Command('list')
    .description('alarms, newest first')
    .option('--open', 'only those that nobody has acknowledged')
    .addOption(new Option('--rule <rule>', 'only of this rule').choices(WatchRule.options))
    .option('--before <id>', 'alarms before this one: the next page')
    .option('--limit <n>', 'at most so many', '50')
    .action(async ({ open, ...options }: ListOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const state = open === true ? 'open' : undefined;
      const page = await (await alarmsOf(invocation)).list({ ...options, state });
      const rows = page.alarms.map((alarm) => [
        alarm.id,
        alarm.raisedAt,
        alarm.rule,
        subjectOf(alarm),
        figureOf(alarm),
        alarm.acknowledged === undefined ? 'open' : `by ${alarm.acknowledged.by}`,
      ]);
      const table = formatTable(['ALARM', 'RAISED', 'RULE', 'ABOUT', 'FOUND', 'STATE'], rows);
      const more = page.next === undefined ? '' : `\nmore: --before ${page.next}`;
      invocation.terminal.result(page, `${table}\n${page.open} open${more}`);
    });
}

function show(around: Surroundings): Command {
  return new Command('show')
    .description('one alarm with its evidence')
    .argument('<alarm>')
    .action(async (id: string, _: object, command: Command) => {
      const invocation = new Invocation(around, command);
      const alarm = await (await alarmsOf(invocation)).show(id);
      invocation.terminal.result(alarm, described(alarm));
    });
}

function acknowledge(around: Surroundings): Command {
  return new Command('acknowledge')
    .description('say what came of an alarm; it stands in the audit log')
    .argument('<alarm>')
    .requiredOption('--reason <text>', 'what you found')
    .action(async (id: string, { reason }: { reason: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const alarm = await (await alarmsOf(invocation)).acknowledge(id, reason);
      invocation.terminal.result(alarm, `${alarm.rule}: acknowledged.`);
    });
}

function subjectOf({ subject: { kind, id, name, about } }: Alarm): string {
  return [`${kind} ${name ?? id}`, about ?? ''].filter((part) => part !== '').join(', ');
}

function figureOf({ number, threshold, unit }: Alarm): string {
  const mark = unit === 'percent' ? ' %' : '';
  return `${number}${mark} (alarm from ${threshold}${mark})`;
}

function described(alarm: Alarm): string {
  const { rule, usual, windowStart, windowEnd, leaves, eventId, subject, acknowledged } = alarm;
  return [
    `${rule}: ${subjectOf(alarm)} (${subject.id})`,
    `found ${figureOf(alarm)}, ${windowStart} to ${windowEnd}`,
    ...(usual === undefined
      ? []
      : [`usual: ${usual.mean} ± ${usual.deviation} over ${usual.windows} windows`]),
    drawn(alarm),
    `last leaves counted: ${leaves.join(', ')}`,
    `recorded as event ${eventId}`,
    acknowledged === undefined
      ? 'open'
      : `acknowledged by ${acknowledged.by} at ${acknowledged.at}: ${acknowledged.reason}`,
  ].join('\n');
}

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The counts as bars, the highest full. */
function drawn({ series, seriesStepMs }: Alarm): string {
  const most = Math.max(...series, 1);
  const bar = (count: number) => bars[Math.ceil((count / most) * (bars.length - 1))] ?? ' ';
  return `${series.map(bar).join('')}  each ${seriesStepMs / 60_000} min, at most ${most}`;
}
