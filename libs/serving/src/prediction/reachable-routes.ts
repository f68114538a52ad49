import { Inject, Injectable } from '@nestjs/common';
import { type Actor, isPermitted, requireAbility } from '@castellan/access';
import { deploymentUnknown } from '../deployment/deployment-unknown.js';
import { Reconciler } from '../routing/reconciler.js';
import type { Route } from '../routing/route.js';
import { RoutingTable } from '../routing/routing-table.js';
import { ServingError } from '../serving-error.js';

/**
 * The routes that a caller may use.
 *
 * A key's own list is looked at first, so that a limited key learns nothing about other names; then the organisation,
 * where another's name and nobody's are the same; then the roles.
 */
@Injectable()
export class ReachableRoutes {
  constructor(
    private readonly routes: RoutingTable,
    @Inject(Reconciler) private readonly reconciler: Pick<Reconciler, 'nextRound'>,
  ) {}

  /**
   * Also finds a deployment that was made a moment ago: what is unknown is looked for in the next round too, whoever has
   * the name, so that the time it takes tells nothing either.
   *
   * @param name absent: the one that the caller reaches, if it is exactly one
   * @throws deployment_unknown, not_permitted, model_ambiguous
   */
  async find(actor: Actor, name: string | undefined): Promise<Route> {
    try {
      return this.findNow(actor, name);
    } catch (error) {
      if (!(error instanceof ServingError) || error.code !== 'deployment_unknown') throw error;
      await this.reconciler.nextRound();
      return this.findNow(actor, name);
    }
  }

  /** As the routing table has it now. @throws as `find` */
  findNow(actor: Actor, name: string | undefined): Route {
    if (name === undefined) return this.#only(actor);
    if (actor.deployments.length > 0 && !actor.deployments.includes(name)) throw outOfKeyScope();
    const route = this.routes.find(name);
    if (route === undefined || route.organizationId !== actor.organizationId) throw deploymentUnknown(name);
    requireAbility(actor, 'predict', 'Deployment', route);
    return route;
  }

  #only(actor: Actor): Route {
    const reachable = this.routes
      .inOrganization(actor.organizationId)
      .filter((route) => isPermitted(actor, 'predict', 'Deployment', route));
    const [only, ...others] = reachable;
    if (only === undefined) throw nothingReachable();
    if (others.length > 0) throw ambiguous(reachable.map(({ name }) => name));
    return only;
  }
}

function nothingReachable(): ServingError {
  return new ServingError('deployment_unknown', {
    kind: 'not_found',
    publicDetail: 'There is no deployment that you may call.',
  });
}

function ambiguous(names: readonly string[]): ServingError {
  return new ServingError('model_ambiguous', {
    kind: 'invalid',
    publicDetail: `Say which "model" you mean: ${names.map((name) => `"${name}"`).join(', ')}.`,
    meta: { models: names },
  });
}

function outOfKeyScope(): ServingError {
  return new ServingError('not_permitted', {
    kind: 'forbidden',
    publicDetail: 'This key is limited to other deployments.',
  });
}
