import { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { CastellanError } from '@castellan/errors';
import type { Deployment } from '@castellan/contracts';
import type { ApiClient } from '../client/api-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { nameText, versionReference } from './arguments.js';

const POLL_MS = 200;

export function deployCommand(around: Surroundings): Command {
  return new Command('deploy')
    .description('serve a version under a name')
    .argument('<ref>', 'model@number', versionReference)
    .requiredOption('--as <name>', 'the name that clients call', nameText)
    .option('--wait', 'until it is ready; refused or failed is then an error')
    .action(async (ref: string, options: { as: string; wait?: boolean }, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const created = await api.createDeployment({ name: options.as, version: ref });
      const deployment = options.wait ? await settled(api, created.name, invocation.signal) : created;
      invocation.terminal.result(deployment, describeDeployment(deployment));
      if (options.wait && deployment.phase !== 'ready') throw notServed(deployment);
    });
}

export function undeployCommand(around: Surroundings): Command {
  return new Command('undeploy')
    .description('stop serving, and take the name away')
    .argument('<name>', 'the deployment', nameText)
    .action(async (name: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      await (await invocation.api()).deleteDeployment(name);
      invocation.terminal.result({ name, deleted: true }, `${name} is no longer served.`);
    });
}

export function deploymentsCommand(around: Surroundings): Command {
  return new Command('deployments')
    .description('list what is served, and what stands in the way where it is not')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { deployments } = await (await invocation.api()).deployments();
      const rows = deployments.map(({ name, model, number, phase, message, reason }) => [
        name,
        `${model}@${number}`,
        phase,
        message ?? reason ?? '',
      ]);
      invocation.terminal.result({ deployments }, formatTable(['NAME', 'VERSION', 'PHASE', 'WHY'], rows));
    });
}

/** Waits until the deployment is ready, refused or failed. */
export async function settled(api: ApiClient, name: string, signal: AbortSignal): Promise<Deployment> {
  for (;;) {
    const deployment = await api.deployment(name);
    if (deployment.phase !== 'pending' && deployment.phase !== 'loading') return deployment;
    await sleep(POLL_MS, undefined, { signal });
  }
}

function describeDeployment({
  name,
  model,
  number,
  phase,
  reason,
  message,
  versionDigest,
}: Deployment): string {
  const why = message ?? reason;
  return [
    `${name} → ${model}@${number}  ${phase}${why === undefined ? '' : `: ${why}`}`,
    ...(versionDigest === undefined ? [] : [`digest ${versionDigest}`]),
  ].join('\n');
}

function notServed({ name, phase, reason, message }: Deployment): CastellanError {
  return new CastellanError({
    code: reason ?? `deployment_${phase}`,
    kind: 'forbidden',
    publicDetail: message ?? `${name} is ${phase}.`,
  });
}
