import { z } from 'zod';
import { AuditQuery, EventClass } from './audit.js';
import { BigCount, Id, Name, Sha256, Timestamp } from './primitives.js';

/** The conditions of a search, without its paging. */
export const AuditConditions = AuditQuery.omit({ before: true, limit: true }).meta({ id: 'AuditConditions' });
export type AuditConditions = z.infer<typeof AuditConditions>;

export const ExportFormat = z.enum(['jsonl', 'csv', 'ocsf', 'cef']);
export type ExportFormat = z.infer<typeof ExportFormat>;

// POST|GET /api/v1/audit/exports ; GET …/{id} ; POST …/{id}/cancel ; GET …/{id}/content (application/x-tar)
export const RequestAuditExport = z
  .object({ format: ExportFormat, filter: AuditConditions.default({}) })
  .meta({ id: 'RequestAuditExport' });
export type RequestAuditExport = z.infer<typeof RequestAuditExport>;

export const AuditExport = z
  .object({
    id: Id,
    format: ExportFormat,
    filter: AuditConditions,
    requestedBy: z.string(),
    state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
    /** Leaves of the signed log that it covers, and how many of them were looked through. */
    treeSize: BigCount,
    scanned: BigCount,
    rows: BigCount,
    sizeBytes: BigCount,
    /** Of the rows, once they are signed. */
    sha256: Sha256.optional(),
    failure: z.string().optional(),
    createdAt: Timestamp,
    finishedAt: Timestamp.optional(),
  })
  .meta({ id: 'AuditExport' });
export type AuditExport = z.infer<typeof AuditExport>;
export const AuditExportList = z.object({ exports: z.array(AuditExport) }).meta({ id: 'AuditExportList' });
export type AuditExportList = z.infer<typeof AuditExportList>;

/** `manifest.json` of an export's archive. */
export const ExportManifest = z
  .object({
    format: z.literal('castellan.audit-export/v1'),
    rows: z.object({ file: z.string(), format: ExportFormat, count: z.string(), sha256: Sha256 }),
    organization: z.string(),
    filter: AuditConditions,
    /** The person's id: the archive is signed, and a name may have to go. */
    requestedBy: z.string(),
    logOrigin: z.string(),
    treeSize: z.string(),
    exportedAt: Timestamp,
  })
  .meta({ id: 'ExportManifest' });
export type ExportManifest = z.infer<typeof ExportManifest>;

// POST|GET /api/v1/audit/targets ; POST …/{id}/pause|resume ; DELETE …/{id} ; GET …/{id}/deliveries
export const CreateForwardingTarget = z
  .object({
    name: Name,
    kind: z.enum(['syslog', 'webhook']),
    /** `https://…` for a webhook, `syslog+tls://host:6514` for RFC 5424 over TLS. */
    address: z.string().min(1).max(1_000),
    format: z.enum(['jsonl', 'ocsf', 'cef']).default('jsonl'),
    /** PEM of the authority to trust instead of the public ones. */
    caPem: z.string().max(20_000).optional(),
    /** `end` (default): what is recorded from now on; `beginning`: everything. */
    from: z.enum(['beginning', 'end']).default('end'),
  })
  .meta({ id: 'CreateForwardingTarget' });
export type CreateForwardingTarget = z.infer<typeof CreateForwardingTarget>;

export const ForwardingTarget = z
  .object({
    id: Id,
    name: Name,
    kind: z.enum(['syslog', 'webhook']),
    address: z.string(),
    format: z.enum(['jsonl', 'ocsf', 'cef']),
    state: z.enum(['running', 'paused']),
    /** The next leaf to be sent, and how many signed ones it is behind. */
    cursor: BigCount,
    behind: BigCount,
    failures: z.number().int(),
    lastError: z.string().optional(),
    createdAt: Timestamp,
  })
  .meta({ id: 'ForwardingTarget' });
export type ForwardingTarget = z.infer<typeof ForwardingTarget>;
/** `secret`, for a webhook, is shown once: deliveries are signed with it. */
export const ForwardingTargetCreated = ForwardingTarget.extend({ secret: z.string().optional() }).meta({
  id: 'ForwardingTargetCreated',
});
export type ForwardingTargetCreated = z.infer<typeof ForwardingTargetCreated>;
export const ForwardingTargetList = z
  .object({ targets: z.array(ForwardingTarget) })
  .meta({ id: 'ForwardingTargetList' });
export type ForwardingTargetList = z.infer<typeof ForwardingTargetList>;
export const ForwardingDelivery = z
  .object({
    begin: BigCount,
    end: BigCount,
    events: z.number().int(),
    ok: z.boolean(),
    detail: z.string(),
    durationMs: z.number().int(),
    at: Timestamp,
  })
  .meta({ id: 'ForwardingDelivery' });
export type ForwardingDelivery = z.infer<typeof ForwardingDelivery>;
export const ForwardingDeliveryList = z
  .object({ deliveries: z.array(ForwardingDelivery) })
  .meta({ id: 'ForwardingDeliveryList' });
export type ForwardingDeliveryList = z.infer<typeof ForwardingDeliveryList>;

/** Days for which events of each class are kept. */
const Days = z.number().int().min(0).max(36_525);
export const RetentionDays = z.partialRecord(EventClass, Days).meta({ id: 'RetentionDays' });
export type RetentionDays = z.infer<typeof RetentionDays>;

/** Whose events: those of the caller's organisation, or those that belong to none. */
export const RetentionScope = z
  .object({ scope: z.enum(['organization', 'platform']).default('organization') })
  .meta({ id: 'RetentionScope' });
export type RetentionScope = z.infer<typeof RetentionScope>;

// GET|PUT /api/v1/audit/retention?scope= ; a class without days is kept for ever
export const SetRetention = z.object({ days: RetentionDays }).meta({ id: 'SetRetention' });
export type SetRetention = z.infer<typeof SetRetention>;
export const Retention = z
  .object({
    days: RetentionDays,
    /** Fewer days than these are refused. */
    minima: z.record(EventClass, Days),
    setBy: z.string().optional(),
    setAt: Timestamp.optional(),
  })
  .meta({ id: 'Retention' });
export type Retention = z.infer<typeof Retention>;

// POST /api/v1/audit/retention/preview?scope= : with other days than the set ones, if given
export const PreviewExpiry = z.object({ days: RetentionDays.optional() }).meta({ id: 'PreviewExpiry' });
export type PreviewExpiry = z.infer<typeof PreviewExpiry>;
export const ExpiryPreview = z
  .object({
    classes: z.array(
      z.object({
        class: EventClass,
        expires: z.number().int(),
        held: z.number().int(),
        oldest: Timestamp.optional(),
        newest: Timestamp.optional(),
      }),
    ),
    /** Leaves that were looked through; fewer than the tree has when there were too many to count at once. */
    scanned: BigCount,
    treeSize: BigCount,
  })
  .meta({ id: 'ExpiryPreview' });
export type ExpiryPreview = z.infer<typeof ExpiryPreview>;

// POST|GET /api/v1/audit/retention/runs?scope=
export const ExpiryRun = z
  .object({
    id: Id,
    requestedBy: z.string(),
    state: z.enum(['queued', 'running', 'done', 'failed']),
    treeSize: BigCount,
    scanned: BigCount,
    expired: BigCount,
    held: BigCount,
    failure: z.string().optional(),
    createdAt: Timestamp,
    finishedAt: Timestamp.optional(),
  })
  .meta({ id: 'ExpiryRun' });
export type ExpiryRun = z.infer<typeof ExpiryRun>;
export const ExpiryRunList = z.object({ runs: z.array(ExpiryRun) }).meta({ id: 'ExpiryRunList' });
export type ExpiryRunList = z.infer<typeof ExpiryRunList>;

// POST|GET /api/v1/audit/holds ; POST …/{id}/ask-lift ; POST …/{id}/lift
const Reason = z.string().trim().min(3).max(1_000);
/** What all conditions fit is kept; without any, everything is. */
export const CreateLegalHold = z
  .object({
    reason: Reason,
    /** An id, or any other name by which events call the thing or the person. */
    resource: z.string().min(3).max(200).optional(),
    actor: z.string().min(3).max(200).optional(),
    project: Name.optional(),
    from: Timestamp.optional(),
    to: Timestamp.optional(),
  })
  .meta({ id: 'CreateLegalHold' });
export type CreateLegalHold = z.infer<typeof CreateLegalHold>;
export const AskLift = z.object({ reason: Reason }).meta({ id: 'AskLift' });
export type AskLift = z.infer<typeof AskLift>;
export const LegalHold = z
  .object({
    id: Id,
    reason: z.string(),
    resource: z.string().optional(),
    actor: z.string().optional(),
    project: z.string().optional(),
    from: Timestamp.optional(),
    to: Timestamp.optional(),
    state: z.enum(['active', 'lift-asked', 'lifted']),
    setBy: z.string(),
    setAt: Timestamp,
    liftAskedBy: z.string().optional(),
    liftReason: z.string().optional(),
    liftedBy: z.string().optional(),
    liftedAt: Timestamp.optional(),
  })
  .meta({ id: 'LegalHold' });
export type LegalHold = z.infer<typeof LegalHold>;
export const LegalHoldList = z.object({ holds: z.array(LegalHold) }).meta({ id: 'LegalHoldList' });
export type LegalHoldList = z.infer<typeof LegalHoldList>;

// GET /api/v1/trace/{kind}/{ref} : what a thing rests on, and what rests on it
export const TraceNode = z
  .object({
    id: z.string(),
    kind: z.enum([
      'prediction',
      'deployment',
      'version',
      'file',
      'scan',
      'approval',
      'policy',
      'key-release',
      'dataset',
      'release',
      'masked-copy',
      'synthetic-table',
      'pipeline',
      'person',
      'event',
    ]),
    label: z.string(),
    detail: z.string().optional(),
    digest: z.string().optional(),
    /** The leaf that records it. */
    leafIndex: BigCount.optional(),
    eventId: z.string().optional(),
    at: Timestamp.optional(),
  })
  .meta({ id: 'TraceNode' });
export type TraceNode = z.infer<typeof TraceNode>;
export const Trace = z
  .object({
    subject: z.string(),
    nodes: z.array(TraceNode),
    /** `from` rests on `to`. */
    edges: z.array(z.object({ from: z.string(), to: z.string(), relation: z.string() })),
    /** Predictions that rest on the subject: how many there are, of which the newest are nodes. */
    predictions: BigCount,
    /** True when there are more predictions than the count says. */
    more: z.boolean(),
  })
  .meta({ id: 'Trace' });
export type Trace = z.infer<typeof Trace>;
