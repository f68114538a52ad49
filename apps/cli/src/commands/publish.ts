import { join } from 'node:path';
import { Command } from 'commander';
import { CastellanError } from '@castellan/errors';
import type { Version } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';
import { localFiles } from '../publish/local-files.js';
import { Publications } from '../publish/publications.js';
import { publishVersion, scanned } from '../publish/publish-version.js';
import { nameText } from './arguments.js';

export function publishCommand(around: Surroundings): Command {
  return new Command('publish')
    .description(
      'stream files in as a new version of a model, and wait for the verdict of the scan; ' +
        'the same command again goes on where it was interrupted',
    )
    .argument('<file...>', 'the files of the version; a folder stands for everything in it')
    .requiredOption('--model <name>', 'the model; made when it is new', nameText)
    .option('--project <name>', 'the project of a new model', nameText, 'default')
    .action(async (files: string[], options: { model: string; project: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const { terminal } = invocation;
      const api = await invocation.api();
      const found = await localFiles(files);
      const { url } = api.connection.options;
      const what = { url, model: options.model, files: found };
      const finalised = await publishVersion(api, {
        ...options,
        files: found,
        progress: (label, totalBytes, laterBytes) => terminal.progress(label, totalBytes, laterBytes),
        say: (text) => terminal.say(text),
        memory: new Publications(join(invocation.config.home, 'publishing'), what),
        signal: invocation.signal,
      });
      terminal.say('Sealed and finalised. Waiting for the scan …');
      const version = await scanned(api, finalised.id, invocation.signal);
      terminal.result(version, describeVersion(version));
      if (version.stage === 'rejected') throw rejectedByScan(version);
    });
}

export function describeVersion(version: Version): string {
  const { model, number, stage, digest, scan, format } = version;
  const findings = (scan?.findings ?? []).map(
    ({ severity, path, code, detail }) => `  ${severity} ${code} in ${path}: ${detail}`,
  );
  return [
    `${model}@${number}  ${stage}${format === undefined ? '' : `  ${format}`}`,
    `digest ${digest ?? 'not final'}`,
    `scan ${scan?.verdict ?? 'pending'}`,
    ...findings,
  ].join('\n');
}

function rejectedByScan({ model, number, scan }: Version): CastellanError {
  const findings = (scan?.findings ?? []).map(({ code, path }) => `${code} in ${path}`);
  return new CastellanError({
    code: 'version_rejected',
    kind: 'forbidden',
    publicDetail: `The scan rejected ${model}@${number}: ${findings.join(', ') || (scan?.verdict ?? 'no verdict')}.`,
  });
}
