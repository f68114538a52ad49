import { inScope, type AccessRules } from '@castellan/access';
import { PLATFORM } from './retention/scope.js';

/** What leaves the log is for those who may read all of it: auditors and administrators of the whole organisation. */
export const complianceRules: AccessRules = (actor, can) => {
  const readers = inScope(actor, 'auditor', 'admin');
  if (readers !== undefined && readers.projectId === undefined) {
    can(['read', 'create', 'cancel'], 'AuditExport', { organizationId: actor.organizationId });
    can('read', 'ForwardingTarget', { organizationId: actor.organizationId });
    can('read', 'Trace');
    can(['read', 'acknowledge'], 'Alarm', { organizationId: actor.organizationId });
    can('read', 'WatchSetting', { organizationId: actor.organizationId });
    can('read', 'RetentionPolicy', { organizationId: actor.organizationId });
    can(['read', 'create', 'lift'], 'LegalHold', { organizationId: actor.organizationId });
  }
  const admins = inScope(actor, 'admin');
  if (admins !== undefined && admins.projectId === undefined) {
    can(['create', 'change'], 'ForwardingTarget', { organizationId: actor.organizationId });
    can('change', 'WatchSetting', { organizationId: actor.organizationId });
    can('change', 'RetentionPolicy', { organizationId: actor.organizationId });
  }
  if (actor.roles.some(({ role }) => role === 'platform_admin'))
    can(['read', 'change'], 'RetentionPolicy', { organizationId: PLATFORM });
};
