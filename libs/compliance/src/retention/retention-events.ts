import { type Actor, personActor } from '@castellan/access';
import { type AuditEvent, defineEvents, details } from '@castellan/audit';
import type { RetentionDays } from '@castellan/contracts';
import type { ExpiryRunRow } from './expiry-run-store.js';
import type { HoldRow } from './hold-store.js';
import { organizationOf, type Scope } from './scope.js';

const catalogue = defineEvents({
  'audit.retention-set': {
    meaning:
      'It was set for how many days events of each class are kept; a class that is not named is kept for ever.',
    details: details<{ before: Record<string, number>; days: Record<string, number> }>(),
  },
  'audit.expiry-requested': { meaning: 'Somebody asked that what is due expire now.' },
  'audit.expiry-finished': {
    meaning: 'A run of expiry went through the log: so many payloads were let go, and so many kept by holds.',
    details: details<{ treeSize: string; expired: string; held: string }>(),
  },
  'audit.hold-set': {
    meaning: 'A legal hold was set: what it fits does not expire.',
    details: details<Record<string, string>>(),
  },
  'audit.hold-lift-asked': { meaning: 'Somebody asked to lift a legal hold; another person must do it.' },
  'audit.hold-lifted': {
    meaning: 'A legal hold was lifted by a second person.',
    details: details<{ askedBy: string }>(),
  },
});

/** Retention's events in words, for the console and for exports. */
export const retentionEventMeanings = catalogue.meanings;

const about = (
  kind: string,
  { id, organizationId }: { readonly id: string; readonly organizationId: string },
) => ({
  ...organizationOf(organizationId),
  resource: { kind, id },
  decision: 'allow' as const,
});

const defined = (days: RetentionDays): Record<string, number> => JSON.parse(JSON.stringify(days));

/** Every event that retention records, each made from what it is about. */
export const retentionEvents = {
  retentionSet: (
    actor: Actor,
    {
      scope,
      before,
      days,
    }: { readonly scope: Scope; readonly before: RetentionDays; readonly days: RetentionDays },
  ): AuditEvent =>
    catalogue.event('audit.retention-set', {
      actor: personActor(actor),
      ...about('retention-policy', { id: scope, organizationId: actor.organizationId }),
      details: { before: defined(before), days: defined(days) },
    }),

  expiryRequested: (actor: Actor, run: ExpiryRunRow): AuditEvent =>
    catalogue.event('audit.expiry-requested', {
      actor: personActor(actor),
      ...about('expiry-run', { id: run.id, organizationId: actor.organizationId }),
    }),

  expiryFinished: (run: ExpiryRunRow): AuditEvent =>
    catalogue.event('audit.expiry-finished', {
      actor: { kind: 'process', name: 'jobs' },
      ...about('expiry-run', run),
      details: { treeSize: String(run.treeSize), expired: String(run.expired), held: String(run.held) },
    }),

  holdSet: (actor: Actor, hold: HoldRow): AuditEvent => {
    const { resourceId: resource, actorId: who, projectId: project, from, to } = hold;
    const conditions = {
      ...(resource !== null && { resource }),
      ...(who !== null && { actor: who }),
      ...(project !== null && { project }),
      ...(from !== null && { from: from.toISOString() }),
      ...(to !== null && { to: to.toISOString() }),
    };
    return catalogue.event('audit.hold-set', {
      actor: personActor(actor),
      ...about('legal-hold', hold),
      reason: hold.reason,
      details: conditions,
    });
  },

  holdLiftAsked: (actor: Actor, hold: HoldRow, reason: string): AuditEvent =>
    catalogue.event('audit.hold-lift-asked', {
      actor: personActor(actor),
      ...about('legal-hold', hold),
      reason,
    }),

  holdLifted: (actor: Actor, hold: HoldRow): AuditEvent =>
    catalogue.event('audit.hold-lifted', {
      actor: personActor(actor),
      ...about('legal-hold', hold),
      reason: hold.liftReason ?? '',
      details: { askedBy: hold.liftAskedById ?? '' },
    }),
};
