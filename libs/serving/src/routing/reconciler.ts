import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentPlan, PlannedDeployment, RecordedStatus } from './deployment-plan.js';
import { needsEvaluation, ordersFor, routeOf, type Order } from './placement.js';
import type { RecentEvaluations } from './recent-evaluations.js';
import type { RetryPace } from './retry-pace.js';
import type { Route } from './route.js';
import type { RoutingTable } from './routing-table.js';
import type { WorkerClient } from './worker-client.js';
import type { Observation, WorkerFleet } from './worker-fleet.js';

const PERIOD_MS = 500;
/** However many wait for the next round. */
const LEAST_PAUSE_MS = 100;

export interface Workers {
  readonly client: WorkerClient;
  readonly fleet: WorkerFleet;
}

/**
 * Brings the workers to what the deployments ask for, again and again, and keeps the routing table true to what they say.
 *
 * Holds no state that matters: killed at any point and started anew it comes to the same end, and several may run at
 * once, since every order is idempotent. It decides nothing about approval: a worker gets its key from the keybroker or
 * does not.
 */
export class Reconciler {
  #next = Promise.withResolvers<undefined>();
  #hurry = new AbortController();

  constructor(
    private readonly plan: DeploymentPlan,
    private readonly workers: Workers,
    private readonly evaluations: RecentEvaluations,
    private readonly pace: RetryPace,
    private readonly routes: RoutingTable,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** Goes round every half second until the signal. A round that fails leaves the routes as they are. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const awaited = this.#next;
      this.#next = Promise.withResolvers();
      await this.reconcile().catch(this.onFault);
      awaited.resolve(undefined);
      await sleep(LEAST_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      await this.#pause(signal);
    }
    this.#next.resolve(undefined);
  }

  /** Resolves when a round has ended that began after the call: it has seen everything committed before. */
  nextRound(): Promise<undefined> {
    this.#hurry.abort();
    return this.#next.promise;
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#hurry.signal]);
    await sleep(PERIOD_MS - LEAST_PAUSE_MS, undefined, { signal: either }).catch(() => undefined);
    this.#hurry = new AbortController();
  }

  /** One round. @throws kind unavailable when the deployments can't be read; the workers are left alone then. */
  async reconcile(): Promise<void> {
    // This order matters: see `ordersFor`.
    const observations = await this.workers.fleet.observe();
    const planned = await this.plan.running();
    const unsettled = planned.filter((deployment) => needsEvaluation(deployment, observations));
    const evaluations = await this.evaluations.of(new Set(unsettled.map(({ versionId }) => versionId)));

    this.pace.keepOnly(new Set(notReady(planned, observations)));
    const orders = ordersFor(planned, observations, (worker, deployment) => {
      const allowed = evaluations.get(deployment.versionId)?.allowed === true;
      return allowed && this.pace.take(keyOf(worker, deployment));
    });
    const routed = planned.map(({ status, ...deployment }) => ({
      status,
      route: routeOf(deployment, observations, evaluations.get(deployment.versionId)),
    }));
    this.routes.replace(routed.map(({ route }) => route));
    await Promise.all([...orders.map((order) => this.#carryOut(order)), this.#tell(routed)]);
  }

  async #carryOut(order: Order): Promise<void> {
    const { worker, name } = order;
    try {
      if (order.action === 'place') await this.workers.client.place(worker, name, order.versionId);
      else await this.workers.client.remove(worker, name);
    } catch (error) {
      this.onFault(error);
    }
  }

  async #tell(routed: readonly { status: RecordedStatus | undefined; route: Route }[]): Promise<void> {
    await this.plan.recordStopped();
    for (const { status, route } of routed) {
      const next = statusOf(route);
      if (!isDeepStrictEqual(status, next)) await this.plan.record(route.deploymentId, next);
    }
  }
}

function statusOf({ phase, reason, message, workers }: Route): RecordedStatus {
  const [worker] = workers;
  return {
    phase,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(worker === undefined ? {} : { versionDigest: worker.versionDigest, signature: worker.signature }),
  };
}

function* notReady(
  planned: readonly PlannedDeployment[],
  observations: readonly Observation[],
): Generator<string> {
  for (const { worker, states } of observations) {
    for (const deployment of planned) {
      const state = states?.find(({ name }) => name === deployment.name);
      if (state?.phase !== 'ready') yield keyOf(worker, deployment);
    }
  }
}

function keyOf(worker: string, { name, versionId }: PlannedDeployment): string {
  return `${worker} ${name} ${versionId}`;
}
