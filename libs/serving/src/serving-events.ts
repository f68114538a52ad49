import { type Actor, personActor } from '@castellan/access';
import { type AuditEvent, defineEvents, details } from '@castellan/audit';
import type { DeploymentRow } from './deployment/deployment-store.js';
import type { ReadyWorker, Route } from './routing/route.js';

const catalogue = defineEvents({
  'deployment.created': {
    meaning: 'A version was asked to be served under a name.',
    details: details<{ name: string; version: string }>(),
  },
  'deployment.stopped': {
    meaning: 'A deployment was asked to stop.',
    details: details<{ name: string; version: string }>(),
  },
  'prediction.served': {
    meaning: 'A prediction was computed and handed out. Input and output are named by digest.',
    details: details<{ name: string; version: string; inputDigest: string; outputDigest: string }>(),
  },
  'prediction.refused': {
    meaning: 'A prediction was asked for and not handed out; the reason says why.',
    details: details<{ name: string; version?: string }>(),
  },
});

/** Serving's events in words, for the console and for exports. */
export const servingEventMeanings = catalogue.meanings;

/** Where a request came from, as far as the log needs it. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly source: string;
}

/** Every event that serving records, each made from what it is about. */
export const servingEvents = {
  deploymentCreated: (actor: Actor, deployment: DeploymentRow): AuditEvent =>
    catalogue.event('deployment.created', aboutDeployment(actor, deployment)),

  deploymentStopped: (actor: Actor, deployment: DeploymentRow): AuditEvent =>
    catalogue.event('deployment.stopped', aboutDeployment(actor, deployment)),

  predictionServed: (
    actor: Actor,
    origin: RequestOrigin,
    route: Route,
    { versionDigest }: ReadyWorker,
    digests: { readonly inputDigest: string; readonly outputDigest: string },
  ): AuditEvent =>
    catalogue.event('prediction.served', {
      ...origin,
      actor: personActor(actor),
      organizationId: actor.organizationId,
      resource: { kind: 'deployment', id: route.deploymentId, digest: versionDigest },
      decision: 'allow',
      details: { name: route.name, version: refOf(route), ...digests },
    }),

  /** `route` only when the caller may know of it, so that the log of one organisation names nothing of another's. */
  predictionRefused: (
    actor: Actor,
    origin: RequestOrigin,
    { name, route, reason }: { readonly name: string; readonly route?: Route; readonly reason: string },
  ): AuditEvent =>
    catalogue.event('prediction.refused', {
      ...origin,
      actor: personActor(actor),
      organizationId: actor.organizationId,
      ...(route === undefined ? {} : { resource: { kind: 'deployment', id: route.deploymentId } }),
      decision: 'deny',
      reason,
      details: { name: name.slice(0, 63), ...(route === undefined ? {} : { version: refOf(route) }) },
    }),
};

function aboutDeployment(
  actor: Actor,
  { id, organizationId, name, version }: DeploymentRow,
): Pick<AuditEvent, 'actor' | 'organizationId' | 'resource'> & {
  decision: 'allow';
  details: { name: string; version: string };
} {
  return {
    actor: personActor(actor),
    organizationId,
    resource: { kind: 'deployment', id, ...(version.digest === null ? {} : { digest: version.digest }) },
    decision: 'allow',
    details: { name, version: refOf({ model: version.model.name, number: version.number }) },
  };
}

function refOf({ model, number }: { readonly model: string; readonly number: number }): string {
  return `${model}@${number}`;
}
