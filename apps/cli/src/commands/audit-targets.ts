import { readFile } from 'node:fs/promises';
import { CreateForwardingTarget } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { Command, Option } from 'commander';
import type { ApiClient } from '../client/api-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';

/** `castellan audit targets …`: where events are forwarded to. */
export function targetsCommand(around: Surroundings): Command {
  return new Command('targets')
    .description('where events are forwarded to as they are signed')
    .addCommand(list(around), { isDefault: true })
    .addCommand(add(around))
    .addCommand(deliveries(around))
    .addCommand(change(around, 'pause', 'paused', 'stop sending; nothing is lost'))
    .addCommand(change(around, 'resume', 'goes on where it stopped', 'go on where it stopped'))
    .addCommand(change(around, 'remove', 'removed', 'end forwarding to it'));
}

function list(around: Surroundings): Command {
  return new Command('list')
    .description('targets and how far they are')
    .action(async (_: object, command: Command) => {
      const invocation = new Invocation(around, command);
      const all = await (await invocation.api()).forwardingTargets();
      const rows = all.targets.map((each) => [
        each.name,
        each.kind,
        each.address,
        each.state,
        each.behind,
        each.lastError ?? '',
      ]);
      invocation.terminal.result(
        all,
        formatTable(['NAME', 'KIND', 'ADDRESS', 'STATE', 'BEHIND', 'LAST ERROR'], rows),
      );
    });
}

interface AddOptions extends Readonly<Record<string, string | undefined>> {
  readonly ca?: string;
}

function add(around: Surroundings): Command {
  return new Command('add')
    .description('forward events to a webhook or a syslog server')
    .argument('<name>')
    .argument('<address>', 'https://… or syslog+tls://host:6514')
    .addOption(
      new Option('--format <format>', 'what a message holds')
        .choices(['jsonl', 'ocsf', 'cef'])
        .default('jsonl'),
    )
    .addOption(new Option('--from <where>', 'which events').choices(['end', 'beginning']).default('end'))
    .option('--ca <pem>', 'file of the authority to trust instead of the public ones')
    .action(async (name: string, address: string, { ca, ...options }: AddOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const kind = address.startsWith('https:') ? 'webhook' : 'syslog';
      const caPem = ca === undefined ? {} : { caPem: await readFile(ca, 'utf8') };
      const request = CreateForwardingTarget.parse({ name, kind, address, ...options, ...caPem });
      const created = await (await invocation.api()).createForwardingTarget(request);
      const secret =
        created.secret === undefined ? '' : `\nSecret of its signatures, shown once: ${created.secret}`;
      invocation.terminal.result(created, `${name} gets events from leaf ${created.cursor} on.${secret}`);
    });
}

function deliveries(around: Surroundings): Command {
  return new Command('deliveries')
    .description('the latest attempts to reach a target')
    .argument('<name>')
    .action(async (name: string, _: object, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const all = await api.forwardingDeliveries(await idOf(api, name));
      const rows = all.deliveries.map(({ at, ok, begin, end, events, durationMs, detail }) => [
        at,
        ok ? 'ok' : 'failed',
        `${begin}–${end}`,
        String(events),
        `${durationMs} ms`,
        detail,
      ]);
      invocation.terminal.result(all, formatTable(['AT', '', 'LEAVES', 'EVENTS', 'TOOK', 'DETAIL'], rows));
    });
}

function change(
  around: Surroundings,
  verb: 'pause' | 'resume' | 'remove',
  done: string,
  description: string,
): Command {
  return new Command(verb)
    .description(description)
    .argument('<name>')
    .action(async (name: string, _: object, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const id = await idOf(api, name);
      if (verb === 'remove') await api.removeForwardingTarget(id);
      else await api.changeForwardingTarget(id, verb);
      invocation.terminal.result({ name, done: verb }, `${name}: ${done}.`);
    });
}

async function idOf(api: ApiClient, name: string): Promise<string> {
  const found = (await api.forwardingTargets()).targets.find((target) => target.name === name);
  if (found !== undefined) return found.id;
  throw new CastellanError({
    code: 'target_unknown',
    kind: 'not_found',
    publicDetail: `There is no target named "${name}".`,
  });
}
