import { Command } from 'commander';
import type { S3Key, Version } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';
import { ensureModel } from '../publish/ensure-model.js';
import { nameText, versionReference } from './arguments.js';

export function s3Command(around: Surroundings): Command {
  return new Command('s3')
    .description('publish with aws s3 cp, rclone or any AWS SDK')
    .addCommand(key(around))
    .addCommand(open(around))
    .addCommand(finish(around));
}

function key(around: Surroundings): Command {
  return new Command('key')
    .description('what S3 clients sign with in the name of the API key in use, as environment variables')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const s3Key = await api.s3Key();
      const endpoint = new URL(`${api.connection.options.url.replace(/\/$/, '')}/s3`).href;
      invocation.terminal.say('The secret ends with the API key. Address by path (forcePathStyle).');
      invocation.terminal.result({ endpoint, ...s3Key }, variables(endpoint, s3Key));
    });
}

function variables(endpoint: string, { accessKeyId, secretAccessKey, region }: S3Key): string {
  return [
    `export AWS_ENDPOINT_URL_S3=${endpoint}`,
    `export AWS_ACCESS_KEY_ID=${accessKeyId}`,
    `export AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    `export AWS_REGION=${region}`,
  ].join('\n');
}

function open(around: Surroundings): Command {
  return new Command('open')
    .description('open the next version of a model for an S3 client')
    .argument('<model>', 'the model; made if there is none', nameText)
    .option('--project <name>', 'where a new model goes', nameText, 'default')
    .action(async (model: string, { project }: { project: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      await ensureModel(api, model, project);
      const version = await api.createVersion(model);
      const address = `s3://${project}/${model}/${version.number}/`;
      invocation.terminal.say(`aws s3 cp --recursive FOLDER ${address}`);
      invocation.terminal.say(`castellan s3 finish ${model}@${version.number}`);
      invocation.terminal.result({ address, version }, address);
    });
}

function finish(around: Surroundings): Command {
  return new Command('finish')
    .description('fix what an S3 client has put into a version; it is scanned next')
    .argument('<version>', 'model@number', versionReference)
    .action(async (ref: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const version = await (await invocation.api()).finalize(ref);
      invocation.terminal.result(version, finished(ref, version));
    });
}

function finished(ref: string, { files, stage, digest }: Version): string {
  return `${ref}  ${files.length} files  ${stage}  ${digest ?? ''}`;
}
