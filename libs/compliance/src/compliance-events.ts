import { type Actor, personActor } from '@castellan/access';
import { type AuditEvent, defineEvents, details } from '@castellan/audit';

const catalogue = defineEvents({
  'audit.export-requested': {
    meaning: 'Somebody asked for an export of the audit log.',
    details: details<{ format: string; filter: Record<string, string> }>(),
  },
  'audit.export-cancelled': { meaning: 'An export of the audit log was given up.' },
  'audit.export-signed': {
    meaning: 'An export of the audit log was finished and signed; its rows are named by digest.',
    details: details<{ format: string; rows: string; treeSize: string }>(),
  },
  'audit.export-downloaded': { meaning: 'An export of the audit log was downloaded.' },
  'audit.target-created': {
    meaning: 'A target was entered to which audit events are forwarded.',
    details: details<{ name: string; kind: string; address: string }>(),
  },
  'audit.target-paused': { meaning: 'Forwarding to a target was paused.' },
  'audit.target-resumed': { meaning: 'Forwarding to a target was resumed where it had stopped.' },
  'audit.target-removed': { meaning: 'Forwarding to a target was ended.' },
});

/** Compliance's events in words, for the console and for exports. */
export const complianceEventMeanings = catalogue.meanings;

interface ExportNamed {
  readonly id: string;
  readonly organizationId: string;
  readonly format: string;
}

interface TargetNamed {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly kind: string;
  readonly address: string;
}

const about = (
  kind: string,
  { id, organizationId }: { id: string; organizationId: string },
  digest?: string,
) => ({
  organizationId,
  resource: { kind, id, ...(digest === undefined ? {} : { digest }) },
  decision: 'allow' as const,
});

/** Every event that compliance records, each made from what it is about. */
export const complianceEvents = {
  exportRequested: (actor: Actor, each: ExportNamed, filter: Record<string, string>): AuditEvent =>
    catalogue.event('audit.export-requested', {
      actor: personActor(actor),
      ...about('audit-export', each),
      details: { format: each.format, filter },
    }),

  exportCancelled: (actor: Actor, each: ExportNamed): AuditEvent =>
    catalogue.event('audit.export-cancelled', { actor: personActor(actor), ...about('audit-export', each) }),

  exportSigned: (
    each: ExportNamed & { readonly treeSize: bigint },
    { rows, sha256 }: { readonly rows: bigint; readonly sha256: string },
  ): AuditEvent =>
    catalogue.event('audit.export-signed', {
      actor: { kind: 'process', name: 'jobs' },
      ...about('audit-export', each, sha256),
      details: { format: each.format, rows: String(rows), treeSize: String(each.treeSize) },
    }),

  exportDownloaded: (actor: Actor, each: ExportNamed & { readonly sha256: string }): AuditEvent =>
    catalogue.event('audit.export-downloaded', {
      actor: personActor(actor),
      ...about('audit-export', each, each.sha256),
    }),

  targetCreated: (actor: Actor, target: TargetNamed): AuditEvent =>
    catalogue.event('audit.target-created', {
      actor: personActor(actor),
      ...about('audit-target', target),
      details: { name: target.name, kind: target.kind, address: target.address },
    }),

  targetChanged: (actor: Actor, target: TargetNamed, change: 'paused' | 'resumed' | 'removed'): AuditEvent =>
    catalogue.event(`audit.target-${change}`, {
      actor: personActor(actor),
      ...about('audit-target', target),
    }),
};
