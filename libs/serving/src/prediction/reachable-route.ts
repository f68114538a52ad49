import { type Actor, isPermitted, requireAbility } from '@castellan/access';
import { deploymentUnknown } from '../deployment/deployment-unknown.js';
import type { Route } from '../routing/route.js';
import type { RoutingTable } from '../routing/routing-table.js';
import { ServingError } from '../serving-error.js';

/**
 * The route that a caller means and may use.
 *
 * The key's own list is looked at first, so that a limited key learns nothing about other names; then the organisation,
 * where another's name and nobody's are the same; then the roles.
 *
 * @param name absent: the one that the caller reaches, if it is exactly one
 * @throws deployment_unknown, not_permitted, model_ambiguous
 */
export function reachableRoute(routes: RoutingTable, actor: Actor, name: string | undefined): Route {
  if (name === undefined) return onlyRoute(reachableRoutes(routes, actor));
  if (actor.deployments.length > 0 && !actor.deployments.includes(name)) throw outOfKeyScope();
  const route = routes.find(name);
  if (route === undefined || route.organizationId !== actor.organizationId) throw deploymentUnknown(name);
  requireAbility(actor, 'predict', 'Deployment', route);
  return route;
}

/** Every route that the caller may use, by name. */
export function reachableRoutes(routes: RoutingTable, actor: Actor): Route[] {
  return routes
    .inOrganization(actor.organizationId)
    .filter((route) => isPermitted(actor, 'predict', 'Deployment', route));
}

function onlyRoute(reachable: readonly Route[]): Route {
  const [only, ...others] = reachable;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    throw new ServingError('deployment_unknown', {
      kind: 'not_found',
      publicDetail: 'There is no deployment that you may call.',
    });
  }
  const names = reachable.map(({ name }) => name);
  throw new ServingError('model_ambiguous', {
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
