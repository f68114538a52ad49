import { isIP } from 'node:net';
import type { RecordedEvent } from '@castellan/audit';
import { ocsfFinding } from './ocsf-finding.js';
import type { LeafToWrite } from './row-format.js';
import { productVersion, severityOf } from './severity.js';

/** Which OCSF class an action belongs to, and its activity there. */
interface OcsfClass {
  readonly category: { readonly uid: number; readonly name: string };
  readonly uid: number;
  readonly name: string;
  readonly activity: number;
}

const applicationActivity = { uid: 6, name: 'Application Activity' };
const findings = { uid: 2, name: 'Findings' };
const identityAndAccess = { uid: 3, name: 'Identity & Access Management' };

const authentication: Readonly<Record<string, number>> = {
  'session.opened': 1,
  'session.refused': 1,
  'session.closed': 2,
};

/** 3001, not 3007: that one is newer than 1.8.0. */
const accountChange: Readonly<Record<string, number>> = {
  'person.created': 1,
  'person.disabled': 5,
};

/** Created, and closed: whoever acknowledges an alarm has looked into it. */
const detectionFinding: Readonly<Record<string, number>> = { 'alarm.raised': 1, 'alarm.acknowledged': 3 };

const verbs: readonly (readonly [RegExp, number])[] = [
  [/(created|started|declared|issued|enrolled|bootstrapped|requested|recorded|stored|sealed)$/, 1],
  [/(served|released|exported|downloaded|signed|repeated)$/, 2],
  [/(revoked|abandoned|stopped|removed|cancelled|expired)$/, 4],
  [/(finalized|scanned|honoured|changed|paused|resumed|charged|refunded|reserved)$/, 3],
];

function classOf(action: string): OcsfClass {
  const logon = authentication[action];
  if (logon !== undefined)
    return { category: identityAndAccess, uid: 3002, name: 'Authentication', activity: logon };
  const change = accountChange[action];
  if (change !== undefined)
    return { category: identityAndAccess, uid: 3001, name: 'Account Change', activity: change };
  const finding = detectionFinding[action];
  if (finding !== undefined)
    return { category: findings, uid: 2004, name: 'Detection Finding', activity: finding };
  const activity = verbs.find(([verb]) => verb.test(action))?.[1] ?? 99;
  return { category: applicationActivity, uid: 6003, name: 'API Activity', activity };
}

const severities = { low: 1, medium: 3, high: 4 } as const;

/**
 * An OCSF 1.8.0 event: API Activity (6003), Authentication (3002), Account Change (3001), or Detection Finding (2004) for an
 * alarm. `raw_data` is the exact leaf
 * and `unmapped` its place and hash, so that the log's proofs apply to what a SIEM holds.
 */
export function ocsfRow({ record, event, tree }: LeafToWrite): Record<string, unknown> {
  const { category, uid, name, activity } = classOf(record.action);
  const allowed = record.decision === 'allow';
  return {
    activity_id: activity,
    ...(activity === 99 ? { activity_name: record.action } : {}),
    category_uid: category.uid,
    category_name: category.name,
    class_uid: uid,
    class_name: name,
    type_uid: uid * 100 + activity,
    severity_id: severities[severityOf(record.action, record.decision)],
    status_id: allowed ? 1 : 2,
    ...(event?.reason === undefined ? {} : { status_detail: event.reason }),
    time: new Date(record.time).getTime(),
    message: record.expired === true ? `${record.action} (expired)` : record.action,
    metadata: {
      version: '1.8.0',
      product: { name: 'Castellan', vendor_name: 'Castellan', version: productVersion },
      uid: record.eventId,
      log_name: tree.origin,
      original_time: record.time,
      event_code: record.action,
      ...(event?.requestId === undefined ? {} : { correlation_uid: event.requestId }),
    },
    ...(uid === 2004 ? {} : { actor: actorOf(event) }),
    ...whatOf(uid, record.action, event),
    ...(record.expired === true ? {} : { raw_data: record.event }),
    unmapped: {
      leaf_index: record.index,
      leaf_hash: record.leafHash,
      ...(record.expired === true && { expired: true }),
      checkpoint: tree,
      ...(event?.details === undefined ? {} : { details: event.details }),
    },
  };
}

function whatOf(uid: number, action: string, event: RecordedEvent | undefined): Record<string, unknown> {
  if (uid === 2004) return ocsfFinding(action, event);
  const src_endpoint = endpointOf(event);
  if (uid === 3002)
    return { user: userOf(event), service: { name: 'Castellan' }, src_endpoint, is_remote: true };
  if (uid === 3001)
    return {
      user: { uid: event?.resource?.id ?? 'unknown', ...named(event?.details?.['name']) },
      src_endpoint,
    };
  const { resource } = event ?? {};
  return {
    api: { operation: action, service: { name: 'Castellan' } },
    src_endpoint,
    ...(resource === undefined ? {} : { resources: [{ type: resource.kind, uid: resource.id }] }),
  };
}

function named(name: unknown): { name?: string } {
  return typeof name === 'string' ? { name } : {};
}

/** Every class here wants at least one of an actor's and of a user's members, so nobody is somebody named so. */
function actorOf(event: RecordedEvent | undefined): Record<string, unknown> {
  if (event?.actor.kind === 'process')
    return {
      app_name: event.actor.name ?? 'castellan',
      ...(event.actor.id === undefined ? {} : { app_uid: event.actor.id }),
    };
  return { user: userOf(event) };
}

function userOf(event: RecordedEvent | undefined): Record<string, unknown> {
  const { id, name, credentialId, kind = 'anonymous' } = event?.actor ?? {};
  return {
    name: name ?? id ?? kind,
    ...(id === undefined ? {} : { uid: id }),
    ...(credentialId === undefined ? {} : { credential_uid: credentialId }),
  };
}

function endpointOf(event: RecordedEvent | undefined): Record<string, unknown> {
  const source = event?.source;
  if (source === undefined)
    return { svc_name: event?.actor.kind === 'process' ? (event.actor.name ?? 'castellan') : 'castellan' };
  return isIP(source) === 0 ? { name: source } : { ip: source };
}
