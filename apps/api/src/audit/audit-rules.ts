import { type AccessRules, inScope } from '@castellan/access';

/**
 * An organisation's events are for its auditors and administrators. The raw log holds every organisation's events, so its
 * entries are for the platform's administrators; its hashes say nothing and serve every auditor's own proofs.
 */
export const auditRules: AccessRules = (actor, can) => {
  if (inScope(actor, 'auditor', 'admin') !== undefined) {
    can('read', 'AuditLog');
    can('read', 'AuditTree');
  }
  if (actor.roles.some(({ role }) => role === 'platform_admin')) can('read', 'AuditEntries');
};
