import { Command, InvalidArgumentError } from 'commander';
import type { Quota } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatBytes } from '../terminal/format.js';
import { nameText } from './arguments.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

export function quotaCommand(around: Surroundings): Command {
  return new Command('quota')
    .description('show how much the versions of a project take and may take; as admin, set it')
    .argument('[project]', 'the project', nameText, 'default')
    .option('--limit <size>', 'as admin: how much they may take, such as 500GB', sizeText)
    .option('--no-limit', 'as admin: lift the limit')
    .action(async (project: string, options: { limit?: number | false }, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const quota =
        options.limit === undefined
          ? await api.quota(project)
          : await api.setQuota(project, { limitBytes: options.limit === false ? null : options.limit });
      invocation.terminal.result(quota, describeQuota(quota));
    });
}

function describeQuota({ project, storedBytes, uploadingBytes, limitBytes }: Quota): string {
  const coming = uploadingBytes === 0 ? '' : `, and ${formatBytes(uploadingBytes)} coming in`;
  const limit = limitBytes === undefined ? 'no limit' : `of ${formatBytes(limitBytes)}`;
  return `${project}  ${formatBytes(storedBytes)} stored${coming}  ${limit}`;
}

function sizeText(text: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]?)b?$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (count === undefined || factor === undefined) throw new InvalidArgumentError('Say for example 500GB.');
  return Math.round(Number(count) * factor);
}
