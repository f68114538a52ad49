import { setTimeout as sleep } from 'node:timers/promises';
import {
  EventClass,
  type ExpiryPreview,
  type ExpiryRun,
  type Retention,
  RetentionDays,
} from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { Command } from 'commander';
import { RetentionClient } from '../client/retention-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { UsageError } from '../usage-error.js';

const POLL_MS = 500;

interface ScopeOptions {
  readonly platform: boolean;
}

/** `castellan audit retention …`: for how long events are kept, and what goes when. */
export function retentionCommand(around: Surroundings): Command {
  const commands = [show(around), set(around), preview(around), run(around), runs(around)];
  const retention = new Command('retention').description('for how long events are kept, by class');
  for (const command of commands)
    retention.addCommand(
      command.option('--platform', 'events that belong to no organisation (platform administrators)', false),
      { isDefault: command.name() === 'show' },
    );
  return retention;
}

async function retentionOf(invocation: Invocation, { platform }: ScopeOptions): Promise<RetentionClient> {
  return new RetentionClient((await invocation.api()).connection, platform ? 'platform' : 'organization');
}

function show(around: Surroundings): Command {
  return new Command('show')
    .description('what is set, and the least that the law asks for')
    .action(async (options: ScopeOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const retention = await (await retentionOf(invocation, options)).show();
      invocation.terminal.result(retention, describe(retention));
    });
}

function set(around: Surroundings): Command {
  return new Command('set')
    .description('set days by class; a class that is not named stays as it is')
    .argument(
      '<class=days...>',
      `such as predictions=365; "ever" keeps for ever (${EventClass.options.join(', ')})`,
    )
    .action(async (given: string[], options: ScopeOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const client = await retentionOf(invocation, options);
      const days = { ...(await client.show()).days, ...daysOf(given) };
      const retention = await client.set(RetentionDays.parse(JSON.parse(JSON.stringify(days))));
      const note =
        'Nothing expires by itself within a day from now: "castellan audit retention preview" shows what would.';
      invocation.terminal.result(retention, `${describe(retention)}\n${note}`);
    });
}

function preview(around: Surroundings): Command {
  return new Command('preview')
    .description('what would expire now')
    .argument('[class=days...]', 'with other days than those that are set')
    .action(async (given: string[], options: ScopeOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const client = await retentionOf(invocation, options);
      const days = given.length === 0 ? undefined : { ...(await client.show()).days, ...daysOf(given) };
      const counted = await client.preview(JSON.parse(JSON.stringify({ days })));
      invocation.terminal.result(counted, describePreview(counted));
    });
}

function run(around: Surroundings): Command {
  return new Command('run')
    .description('let what is due expire now; it can not be taken back')
    .option('--yes', 'do not ask', false)
    .action(async ({ yes, ...options }: ScopeOptions & { yes: boolean }, command: Command) => {
      const invocation = new Invocation(around, command);
      const { terminal } = invocation;
      const client = await retentionOf(invocation, options);
      if (!yes) {
        terminal.say(describePreview(await client.preview({})));
        if (!(await terminal.confirm('The payloads are removed for good. Let them expire?'))) return;
      }
      const done = await waitFor(invocation, client, await client.run());
      terminal.result(done, `${done.expired} payloads expired; ${done.held} are kept by holds.`);
    });
}

function runs(around: Surroundings): Command {
  return new Command('runs')
    .description('the latest runs')
    .action(async (options: ScopeOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const list = await (await retentionOf(invocation, options)).runs();
      const rows = list.runs.map((each) => [
        each.createdAt,
        each.requestedBy,
        each.state,
        `${each.scanned} of ${each.treeSize}`,
        each.expired,
        each.held,
        each.failure ?? '',
      ]);
      const table = formatTable(['BEGUN', 'BY', 'STATE', 'LEAVES', 'EXPIRED', 'HELD', ''], rows);
      invocation.terminal.result(list, table);
    });
}

async function waitFor(
  { terminal, signal }: Invocation,
  client: RetentionClient,
  begun: ExpiryRun,
): Promise<ExpiryRun> {
  let told = '';
  for (;;) {
    const run = (await client.runs()).runs.find(({ id }) => id === begun.id) ?? begun;
    if (run.scanned !== told)
      terminal.say(`${run.scanned} of ${run.treeSize} leaves, ${run.expired} expired`);
    told = run.scanned;
    if (run.state === 'done') return run;
    if (run.state === 'failed')
      throw new CastellanError({
        code: 'expiry_failed',
        kind: 'conflict',
        publicDetail: `Expiry broke off. ${run.failure ?? ''}`.trim(),
      });
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Days by class; `undefined` for a class that is kept for ever. */
function daysOf(given: readonly string[]): Record<string, number | undefined> {
  return Object.fromEntries(
    given.map((each) => {
      const [name = '', days = ''] = each.split('=');
      if (!EventClass.safeParse(name).success || !/^(\d{1,5}|ever)$/.test(days))
        throw new UsageError(`"${each}" is not class=days. Classes: ${EventClass.options.join(', ')}.`);
      return [name, days === 'ever' ? undefined : Number(days)];
    }),
  );
}

function describe({ days, minima, setBy, setAt }: Retention): string {
  const rows = EventClass.options.map((each) => [
    each,
    days[each]?.toString() ?? 'for ever',
    String(minima[each]),
  ]);
  const table = formatTable(['CLASS', 'DAYS', 'AT LEAST'], rows);
  return setBy === undefined ? table : `${table}\nset by ${setBy} at ${setAt ?? ''}`;
}

function describePreview({ classes, scanned, treeSize }: ExpiryPreview): string {
  if (classes.length === 0)
    return `Nothing would expire now (${scanned} of ${treeSize} leaves looked through).`;
  const rows = classes.map((each) => [
    each.class,
    String(each.expires),
    String(each.held),
    each.oldest ?? '',
    each.newest ?? '',
  ]);
  const table = formatTable(['CLASS', 'WOULD EXPIRE', 'HELD', 'OLDEST', 'NEWEST'], rows);
  return `${table}\n${scanned} of ${treeSize} leaves looked through`;
}
