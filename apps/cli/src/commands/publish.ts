import { Command } from 'commander';
import { CastellanError } from '@castellan/errors';
import type { Version } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';
import { localFiles, publishVersion, scanned } from '../publish/publish-version.js';
import { nameText } from './arguments.js';

export function publishCommand(around: Surroundings): Command {
  return new Command('publish')
    .description('stream files in as a new version of a model, and wait for the verdict of the scan')
    .argument('<file...>', 'the files of the version')
    .requiredOption('--model <name>', 'the model; made when it is new', nameText)
    .option('--project <name>', 'the project of a new model', nameText, 'default')
    .action(async (files: string[], options: { model: string; project: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const { terminal } = invocation;
      const api = await invocation.api();
      const finalised = await publishVersion(api, {
        ...options,
        files: await localFiles(files),
        progress: (label, totalBytes) => terminal.progress(label, totalBytes),
        say: (text) => terminal.say(text),
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
