import type { AuditQuery } from '@castellan/contracts';
import type { AuditFilter } from './search-entries.js';

/** The conditions that a caller of `organizationId` asked for: never more than that organization's events. */
export function auditFilterOf(
  { actor, resource, from, to, action, decision, text }: Partial<AuditQuery>,
  organizationId: string,
): AuditFilter {
  return {
    organizationId,
    ...(action === undefined ? {} : { action }),
    ...(decision === undefined ? {} : { decision }),
    ...(text === undefined ? {} : { text }),
    ...(actor === undefined ? {} : { actorId: actor }),
    ...(resource === undefined ? {} : { resourceId: resource }),
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
  };
}
