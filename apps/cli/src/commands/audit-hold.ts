import { CreateLegalHold, type LegalHold } from '@castellan/contracts';
import { Command } from 'commander';
import { HoldClient } from '../client/retention-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';

interface HoldOptions extends Readonly<Record<string, string | undefined>> {
  readonly reason: string;
}

/** `castellan audit hold …`: what must not expire. */
export function holdCommand(around: Surroundings): Command {
  return new Command('hold')
    .description('legal holds: what they fit does not expire')
    .addCommand(list(around), { isDefault: true })
    .addCommand(set(around))
    .addCommand(askLift(around))
    .addCommand(lift(around));
}

async function holdsOf(invocation: Invocation): Promise<HoldClient> {
  return new HoldClient((await invocation.api()).connection);
}

function list(around: Surroundings): Command {
  return new Command('list').description('all holds').action(async (_: object, command: Command) => {
    const invocation = new Invocation(around, command);
    const all = await (await holdsOf(invocation)).list();
    const rows = all.holds.map((hold) => [
      hold.id,
      hold.state,
      conditionsOf(hold),
      hold.reason,
      `${hold.setBy} ${hold.setAt}`,
      hold.liftedBy ?? hold.liftAskedBy ?? '',
    ]);
    const table = formatTable(['ID', 'STATE', 'HOLDS', 'REASON', 'SET', 'LIFTED OR ASKED BY'], rows);
    invocation.terminal.result(all, table);
  });
}

function set(around: Surroundings): Command {
  return new Command('set')
    .description('keep events that fit all conditions; without any, every event')
    .requiredOption('--reason <text>', 'why; it stands in the log for ever')
    .option('--resource <id>', 'events that name it')
    .option('--actor <id>', 'events that name this person or process')
    .option('--project <name>', 'events about the project or anything in it')
    .option('--from <time>', 'ISO 8601, UTC')
    .option('--to <time>', 'ISO 8601, UTC; excluded')
    .action(async (options: HoldOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const hold = await (await holdsOf(invocation)).set(CreateLegalHold.parse(options));
      invocation.terminal.result(hold, `${hold.id} holds ${conditionsOf(hold)}`);
    });
}

function askLift(around: Surroundings): Command {
  return new Command('ask-lift')
    .description('ask that a hold be lifted; somebody else must lift it')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string, { reason }: HoldOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const hold = await (await holdsOf(invocation)).askLift(id, reason);
      invocation.terminal.result(
        hold,
        `${hold.id}: asked. Another person lifts it, who did not set it either.`,
      );
    });
}

function lift(around: Surroundings): Command {
  return new Command('lift')
    .description('lift a hold that somebody else set, and somebody else asked to lift')
    .argument('<id>')
    .action(async (id: string, _: object, command: Command) => {
      const invocation = new Invocation(around, command);
      const hold = await (await holdsOf(invocation)).lift(id);
      invocation.terminal.result(hold, `${hold.id}: lifted; asked by ${hold.liftAskedBy ?? ''}.`);
    });
}

function conditionsOf({ resource, actor, project, from, to }: LegalHold): string {
  const conditions = Object.entries({ resource, actor, project, from, to }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  );
  return conditions.length === 0 ? 'everything' : conditions.join(', ');
}
