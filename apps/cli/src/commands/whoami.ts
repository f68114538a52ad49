import { Command } from 'commander';
import type { Me } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';

export function whoamiCommand(around: Surroundings): Command {
  return new Command('whoami')
    .description('show who is signed in here, and with which roles')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const me = await (await invocation.api()).me();
      invocation.terminal.result(me, describeMe(me));
    });
}

export function describeMe({ displayName, name, organization, roles }: Me): string {
  const held = roles.map(({ role, project }) => (project === undefined ? role : `${role} in ${project}`));
  return `${displayName} (${name}) of ${organization}: ${held.join(', ') || 'no role'}`;
}
