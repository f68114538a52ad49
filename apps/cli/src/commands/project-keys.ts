import { Command } from 'commander';
import type { KeyRotation, ProjectKeys } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { Invocation, type Surroundings } from '../invocation.js';
import { watchRotation } from '../keys/watch-rotation.js';
import { formatTable } from '../terminal/format.js';
import { nameText, wholeNumber } from './arguments.js';

interface ProjectOption {
  readonly project: string;
}

/** The life of a project's key-encryption key, as parts of `castellan keys`. */
export function projectKeyCommands(around: Surroundings): Command[] {
  return [show(around), rotate(around), resume(around), cancel(around), retire(around)];
}

function onProject(name: string): Command {
  return new Command(name).requiredOption('--project <name>', 'whose key', nameText);
}

function show(around: Surroundings): Command {
  return onProject('show')
    .description('the versions of a project’s key, and what rests on each')
    .action(async ({ project }: ProjectOption, command: Command) => {
      const invocation = new Invocation(around, command);
      const keys = await (await invocation.api()).projectKeys(project);
      invocation.terminal.result(keys, describeKeys(keys));
    });
}

function rotate(around: Surroundings): Command {
  return onProject('rotate')
    .description('as admin: give a project the next version of its key, and re-wrap what rests on older ones')
    .option('--no-wait', 'don’t wait for the re-wrapping')
    .action(async ({ project, wait }: ProjectOption & { wait: boolean }, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const current = (await api.projectKeys(project)).versions[0];
      if (current === undefined) throw noKeyYet(project);
      const rotation = await api.rotateKey(project, { fromVersion: current.version });
      invocation.terminal.say(`Version ${current.version + 1} is in use from now on.`);
      await report(invocation, wait ? await watchRotation(invocation, api, project) : rotation);
    });
}

function resume(around: Surroundings): Command {
  return onProject('resume')
    .description('as admin: re-wrap what a cancelled or earlier rotation left on older versions')
    .action(async ({ project }: ProjectOption, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      await api.resumeRotation(project);
      await report(invocation, await watchRotation(invocation, api, project));
    });
}

function cancel(around: Surroundings): Command {
  return onProject('cancel')
    .description('as admin: stop re-wrapping; the new version stays in use')
    .action(async ({ project }: ProjectOption, command: Command) => {
      const invocation = new Invocation(around, command);
      const rotation = await (await invocation.api()).cancelRotation(project);
      const left = rotation.remainingKeys ?? 'Some';
      invocation.terminal.result(rotation, `Cancelled. ${left} data keys rest on older versions.`);
    });
}

function retire(around: Surroundings): Command {
  return onProject('retire')
    .description(
      'as admin: destroy an older version for good; backups from before its re-wrapping become unreadable',
    )
    .argument('<version>', 'which', wholeNumber)
    .option('--yes', 'don’t ask')
    .action(
      async (version: number, { project, yes }: ProjectOption & { yes?: boolean }, command: Command) => {
        const invocation = new Invocation(around, command);
        const { terminal } = invocation;
        const question = `Destroy version ${version} of the key of ${project}? Older backups can't be opened after that.`;
        if (yes !== true && !(await terminal.confirm(question))) throw notRetired();
        const keys = await (await invocation.api()).retireKey(project, version);
        terminal.result(keys, describeKeys(keys));
      },
    );
}

async function report({ terminal }: Invocation, rotation: KeyRotation): Promise<void> {
  const { state, unopenedKeys, failure } = rotation;
  if (state === 'failed') throw rotationFailed(failure ?? 'The rotation was refused.', rotation);
  if (state === 'incomplete')
    throw rotationFailed(
      `${unopenedKeys} data keys did not open and stay as they are; the audit log names them.`,
      rotation,
    );
  terminal.result(rotation, state === 'running' ? 'Re-wrapping goes on.' : `Re-wrapping: ${state}.`);
}

function describeKeys({ versions, rotation }: ProjectKeys): string {
  if (versions.length === 0) return 'No key yet: the first upload makes one.';
  const rows = versions.map(({ version, state, dataKeys, createdAt }) => [
    `${version}`,
    state,
    `${dataKeys}`,
    createdAt,
  ]);
  const table = formatTable(['VERSION', 'STATE', 'DATA KEYS', 'MADE'], rows);
  return rotation === undefined ? table : `${table}\nLast rotation: ${rotation.state}`;
}

function noKeyYet(project: string): CastellanError {
  const publicDetail = `Nothing was sealed in "${project}" yet, so there is no key to rotate.`;
  return new CastellanError({ code: 'key_unknown', kind: 'not_found', publicDetail });
}

function notRetired(): CastellanError {
  return new CastellanError({
    code: 'not_confirmed',
    kind: 'invalid',
    publicDetail: 'Nothing was destroyed.',
  });
}

function rotationFailed(publicDetail: string, rotation: KeyRotation): CastellanError {
  const { state, unopenedKeys } = rotation;
  return new CastellanError({
    code: `rotation_${state}`,
    kind: 'conflict',
    publicDetail,
    meta: { rotation: rotation.id, unopenedKeys },
  });
}
