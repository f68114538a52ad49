import type { Evaluation, Phase } from '@castellan/contracts';
import { refusalText, type DesiredDeployment, type ReadyWorker, type Route } from './route.js';
import type { WorkerState } from './worker-client.js';
import type { Observation } from './worker-fleet.js';

/** Something to tell a worker. */
export type Order =
  | { readonly worker: string; readonly name: string; readonly action: 'place'; readonly versionId: string }
  | { readonly worker: string; readonly name: string; readonly action: 'remove' };

/** Phases out of which a worker does not come by itself. */
const settledWithout: ReadonlySet<Phase> = new Set(['refused', 'failed', 'stopped']);

/**
 * What to tell the workers so that each comes to run every desired deployment and nothing else.
 *
 * `observations` must have been made before `desired` was read: a deployment is committed before any gateway places it,
 * so one that a worker has and `desired` lacks has really been stopped, not just made since.
 *
 * @param mayRetry whether a worker that was refused, failed or stopped should be asked again now
 */
export function ordersFor(
  desired: readonly DesiredDeployment[],
  observations: readonly Observation[],
  mayRetry: (worker: string, deployment: DesiredDeployment) => boolean,
): Order[] {
  const names = new Set(desired.map(({ name }) => name));
  return observations.flatMap(({ worker, states }) => {
    if (states === undefined) return [];
    const held = new Map(states.map((state) => [state.name, state]));
    const placed = desired
      .filter((deployment) => {
        const state = held.get(deployment.name);
        if (state === undefined || state.versionId !== deployment.versionId) return true;
        return settledWithout.has(state.phase) && mayRetry(worker, deployment);
      })
      .map(({ name, versionId }): Order => ({ worker, name, action: 'place', versionId }));
    const removed = states
      .filter(({ name }) => !names.has(name))
      .map(({ name }): Order => ({ worker, name, action: 'remove' }));
    return [...placed, ...removed];
  });
}

/** Whether some worker that could run it has settled without running it, or none runs it at all. */
export function needsEvaluation(
  deployment: DesiredDeployment,
  observations: readonly Observation[],
): boolean {
  const states = statesOf(deployment, observations);
  return !states.some(isReady) || states.some(({ phase }) => settledWithout.has(phase));
}

/** Where the deployment's predictions go, given what the workers say and, when it was asked, the keybroker. */
export function routeOf(
  deployment: DesiredDeployment,
  observations: readonly Observation[],
  evaluation: Evaluation | undefined,
): Route {
  const workers = observations.flatMap(({ worker, states }) =>
    (states ?? []).filter((state) => isOf(deployment, state)).flatMap((state) => readyWorker(worker, state)),
  );
  const refusals = evaluation?.allowed === false ? evaluation.reasons : [];
  if (workers.length > 0) return { ...deployment, phase: 'ready', workers, refusals };
  return {
    ...deployment,
    workers,
    refusals,
    ...outage(statesOf(deployment, observations), evaluation),
  };
}

interface Outage {
  readonly phase: Exclude<Phase, 'ready'>;
  readonly reason?: string;
  readonly message?: string;
}

/** Why no worker runs it: the keybroker's word first, else that of the worker that is furthest. */
function outage(states: readonly WorkerState[], evaluation: Evaluation | undefined): Outage {
  if (evaluation?.allowed === false) {
    return {
      phase: 'refused',
      reason: 'not_approved',
      message: refusalText(evaluation.reasons),
    };
  }
  for (const phase of ['loading', 'pending', 'failed', 'refused'] as const) {
    const state = states.find((candidate) => candidate.phase === phase);
    if (state === undefined) continue;
    // Refused earlier, allowed now: it is being asked again.
    if (phase === 'refused' && evaluation !== undefined) return { phase: 'pending' };
    return {
      phase,
      ...(state.reason === undefined ? {} : { reason: state.reason }),
      ...(state.message === undefined ? {} : { message: state.message }),
    };
  }
  return { phase: 'pending' };
}

function statesOf(deployment: DesiredDeployment, observations: readonly Observation[]): WorkerState[] {
  return observations.flatMap(({ states }) => (states ?? []).filter((state) => isOf(deployment, state)));
}

function isOf(deployment: DesiredDeployment, state: WorkerState): boolean {
  return state.name === deployment.name && state.versionId === deployment.versionId;
}

function isReady({ phase }: WorkerState): boolean {
  return phase === 'ready';
}

function readyWorker(address: string, state: WorkerState): ReadyWorker[] {
  const { versionDigest, signature, platform = '' } = state;
  if (!isReady(state) || versionDigest === undefined || signature === undefined) return [];
  return [{ address, versionDigest, signature, platform }];
}
