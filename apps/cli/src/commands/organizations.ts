import { Command } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { nameText } from './arguments.js';

export function organizationsCommand(around: Surroundings): Command {
  return new Command('organizations')
    .description('tenants of this installation')
    .addCommand(addOrganization(around));
}

export function projectsCommand(around: Surroundings): Command {
  return new Command('projects')
    .description('where models and datasets live, each under one policy')
    .addCommand(listProjects(around))
    .addCommand(addProject(around));
}

function addOrganization(around: Surroundings): Command {
  return new Command('add')
    .description('as platform admin: make an organisation, its first admin and a sign-in link')
    .argument('<name>', 'the organisation', nameText)
    .requiredOption('--admin <name>', 'its first admin', nameText)
    .action(async (name: string, options: { admin: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const admin = { name: options.admin, displayName: options.admin };
      const created = await (await invocation.api()).createOrganization({ name, admin });
      invocation.terminal.say('This is shown once.');
      invocation.terminal.result(created, created.signInToken);
    });
}

function listProjects(around: Surroundings): Command {
  return new Command('list')
    .description('the projects you may see')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { projects } = await (await invocation.api()).projects();
      const rows = projects.map(({ name, createdAt }) => [name, createdAt]);
      invocation.terminal.result({ projects }, formatTable(['PROJECT', 'CREATED'], rows));
    });
}

function addProject(around: Surroundings): Command {
  return new Command('add')
    .description('make a project; nothing in it is served until an officer signs its policy')
    .argument('<name>', 'the project', nameText)
    .action(async (name: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const project = await (await invocation.api()).createProject({ name });
      invocation.terminal.result(project, `${project.name} ${project.id}`);
    });
}
