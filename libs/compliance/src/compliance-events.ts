import { type Actor, personActor } from '@castellan/access';
import { type AuditEvent, defineEvents, details, type EventSubject } from '@castellan/audit';
import type { JsonValue } from '@castellan/canonical-json';
import type { AlarmEvidence, WatchSettings } from '@castellan/contracts';

type JsonObject = { [member: string]: JsonValue };

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
  'alarm.raised': {
    meaning: 'Watching found something unusual; the evidence names leaves, number and threshold.',
    details: details<{ evidence: JsonObject }>(),
  },
  'alarm.acknowledged': {
    meaning: 'Somebody looked into an alarm and said what came of it.',
    details: details<{ rule: string }>(),
  },
  'alarm.settings-changed': {
    meaning: 'What is watched for was changed: hours, thresholds or muted rules.',
    details: details<{ before: JsonObject; after: JsonObject }>(),
  },
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

interface AlarmNamed {
  readonly id: string;
  readonly organizationId: string;
  readonly rule: string;
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
  alarmRaised: (
    id: string,
    organizationId: string,
    evidence: AlarmEvidence,
    subject?: EventSubject,
  ): AuditEvent =>
    catalogue.event('alarm.raised', {
      actor: { kind: 'process', name: 'jobs' },
      ...about('alarm', { id, organizationId }),
      ...(subject && { subject }),
      details: { evidence: asJson(evidence) },
    }),
  alarmAcknowledged: (actor: Actor, alarm: AlarmNamed, reason: string): AuditEvent =>
    catalogue.event('alarm.acknowledged', {
      actor: personActor(actor),
      ...about('alarm', alarm),
      reason,
      details: { rule: alarm.rule },
    }),
  watchSettingsChanged: (actor: Actor, before: WatchSettings, after: WatchSettings): AuditEvent =>
    catalogue.event('alarm.settings-changed', {
      actor: personActor(actor),
      ...about('watching', { id: actor.organizationId, organizationId: actor.organizationId }),
      details: { before: asJson(before), after: asJson(after) },
    }),
};

/** What has a schema, as JSON: members that are undefined are left out. */
function asJson(value: AlarmEvidence | WatchSettings): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
