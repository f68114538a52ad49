import { Command, InvalidArgumentError } from 'commander';
import { RoleBinding, type CredentialCreated } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { nameText, wholeNumber } from './arguments.js';
import { erasePerson } from './erase-person.js';
import { personNamed } from './person-named.js';

export function peopleCommand(around: Surroundings): Command {
  return new Command('people')
    .description('who may do what here')
    .addCommand(list(around))
    .addCommand(add(around))
    .addCommand(key(around))
    .addCommand(link(around))
    .addCommand(disable(around))
    .addCommand(erasePerson(around))
    .addCommand(revokeKey(around));
}

function list(around: Surroundings): Command {
  return new Command('list').description('everybody').action(async (_options: unknown, command: Command) => {
    const invocation = new Invocation(around, command);
    const { people } = await (await invocation.api()).people();
    const rows = people.map(({ name, displayName, roles, disabledAt }) => [
      name,
      displayName,
      roles.map(({ role, project }) => (project === undefined ? role : `${role}:${project}`)).join(' '),
      disabledAt === undefined ? '' : `disabled ${disabledAt}`,
    ]);
    invocation.terminal.result({ people }, formatTable(['NAME', 'DISPLAY NAME', 'ROLES', ''], rows));
  });
}

function add(around: Surroundings): Command {
  return new Command('add')
    .description('add a person')
    .argument('<name>', 'the short name that signatures carry', nameText)
    .option('--display-name <text>', 'as shown to people')
    .option('--role <role[:project]>', 'may be repeated', roleBinding, [])
    .action(
      async (name: string, options: { displayName?: string; role: RoleBinding[] }, command: Command) => {
        const invocation = new Invocation(around, command);
        const api = await invocation.api();
        const person = await api.createPerson({
          name,
          displayName: options.displayName ?? name,
          roles: options.role,
        });
        invocation.terminal.result(person, `${person.name} ${person.id}`);
      },
    );
}

function key(around: Surroundings): Command {
  return new Command('key')
    .description('make an API key for a person; its secret is shown once')
    .argument('<name>', 'whose', nameText)
    .option('--label <text>', 'what it is for', 'castellan people key')
    .option('--deployment <name...>', 'only to call these deployments')
    .option('--days <n>', 'days until it ends', wholeNumber)
    .action(
      async (
        name: string,
        options: { label: string; deployment?: string[]; days?: number },
        command: Command,
      ) => {
        const invocation = new Invocation(around, command);
        const api = await invocation.api();
        const { id } = await personNamed(api, name);
        const credential = await api.createCredential(id, {
          kind: 'api_key',
          label: options.label,
          deployments: options.deployment ?? [],
          ...(options.days !== undefined && { expiresInSeconds: options.days * 86_400 }),
        });
        showSecret(invocation, credential);
      },
    );
}

function link(around: Surroundings): Command {
  return new Command('link')
    .description('make a one-time sign-in link for a person')
    .argument('<name>', 'whose', nameText)
    .action(async (name: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const { id } = await personNamed(api, name);
      showSecret(invocation, await api.createCredential(id, { kind: 'sign_in_link', label: 'sign-in link' }));
    });
}

function disable(around: Surroundings): Command {
  return new Command('disable')
    .description('shut a person out; what they did stays recorded')
    .argument('<name>', 'who', nameText)
    .action(async (name: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const { id } = await personNamed(api, name);
      await api.disablePerson(id);
      invocation.terminal.result({ id, name, disabled: true }, `${name} is shut out.`);
    });
}

function revokeKey(around: Surroundings): Command {
  return new Command('revoke-key')
    .description('end an API key')
    .argument('<id>', "the credential's id")
    .action(async (id: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      await (await invocation.api()).revokeCredential(id);
      invocation.terminal.result({ id, revoked: true }, 'The key no longer works.');
    });
}

function showSecret({ terminal }: Invocation, credential: CredentialCreated): void {
  terminal.say('This is shown once.');
  terminal.result(credential, credential.secret);
}

function roleBinding(text: string, earlier: RoleBinding[]): RoleBinding[] {
  const [role, project] = text.split(':');
  const parsed = RoleBinding.safeParse(project === undefined ? { role } : { role, project });
  if (parsed.success) return [...earlier, parsed.data];
  throw new InvalidArgumentError('Expected a role, or role:project, for example author:default.');
}
