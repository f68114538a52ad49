import { Command } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { nameText, versionReference } from './arguments.js';
import { describeVersion } from './publish.js';

export function modelsCommand(around: Surroundings): Command {
  return new Command('models')
    .description('list the models you may see')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { models } = await (await invocation.api()).models();
      const rows = models.map(({ name, project, latestVersion, createdAt }) => [
        name,
        project,
        latestVersion === undefined ? '' : String(latestVersion),
        createdAt,
      ]);
      invocation.terminal.result({ models }, formatTable(['MODEL', 'PROJECT', 'LATEST', 'CREATED'], rows));
    });
}

export function versionsCommand(around: Surroundings): Command {
  return new Command('versions')
    .description("list a model's versions")
    .argument('<model>', 'the model', nameText)
    .action(async (model: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { versions } = await (await invocation.api()).versions(model);
      const rows = versions.map(({ number, stage, author, scan, digest }) => [
        `${model}@${number}`,
        stage,
        author,
        scan?.verdict ?? '',
        digest ?? '',
      ]);
      invocation.terminal.result(
        { versions },
        formatTable(['VERSION', 'STAGE', 'AUTHOR', 'SCAN', 'DIGEST'], rows),
      );
    });
}

export function showCommand(around: Surroundings): Command {
  return new Command('show')
    .description('show one version')
    .argument('<ref>', 'model@number', versionReference)
    .action(async (ref: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const version = await (await invocation.api()).version(ref);
      invocation.terminal.result(version, describeVersion(version));
    });
}
