import type { ReadyWorker, RefusalReason, Route } from './route.js';

/**
 * Where predictions go now. In memory, written by the reconciler, and by a prediction that finds a worker without its
 * weights: that is known a poll earlier than the poll.
 */
export class RoutingTable {
  #routes: ReadonlyMap<string, Route> = new Map();
  #filled = false;

  /** Whether the reconciler has been round at least once. */
  get filled(): boolean {
    return this.#filled;
  }

  find(name: string): Route | undefined {
    return this.#routes.get(name);
  }

  inOrganization(organizationId: string): Route[] {
    return [...this.#routes.values()].filter((route) => route.organizationId === organizationId);
  }

  replace(routes: Iterable<Route>): void {
    this.#routes = new Map(Array.from(routes, (route) => [route.name, route]));
    this.#filled = true;
  }

  /** Sends nothing more of this route to this worker until the reconciler sees it ready again. */
  withdraw(route: Route, worker: ReadyWorker): void {
    this.#change(route, (current) => {
      const workers = current.workers.filter(({ address }) => address !== worker.address);
      return { ...current, workers, phase: workers.length > 0 ? 'ready' : 'pending' };
    });
  }

  /** Sends nothing more of this route to anybody until the reconciler has been round. */
  refuse(route: Route, refusals: readonly RefusalReason[]): void {
    this.#change(route, (current) => ({ ...current, workers: [], phase: 'refused', refusals }));
  }

  /** A route that leads to another version meanwhile is left alone. */
  #change(route: Route, change: (current: Route) => Route): void {
    const current = this.#routes.get(route.name);
    if (current === undefined || current.versionId !== route.versionId) return;
    this.#routes = new Map(this.#routes).set(route.name, change(current));
  }
}
