import type { AccessRules } from './ability.js';
import { inScope } from './in-scope.js';

/** Who may do what with organisations, projects, people and credentials. */
export const accessRules: AccessRules = (actor, can) => {
  const { organizationId, personId } = actor;
  can('read', 'Me');
  can(['create', 'revoke'], 'Credential', { personId });
  can('read', 'Project', { organizationId });
  if (actor.roles.some(({ role }) => role === 'platform_admin')) {
    can('create', 'Organization');
    can(['read', 'create', 'disable'], 'Person', { organizationId });
    can(['create', 'revoke'], 'Credential', { person: { is: { organizationId } } });
  }
  if (inScope(actor, 'auditor') !== undefined) can('read', 'Person', { organizationId });
  // People and projects belong to the organisation: an admin of one project alone has no say over them.
  const admin = inScope(actor, 'admin');
  if (admin === undefined || admin.projectId !== undefined) return;
  can('create', 'Project', { organizationId });
  can('read', 'Person', { organizationId });
  const ordinary = { bindings: { none: { role: 'platform_admin' } } };
  can(['create', 'disable'], 'Person', { organizationId, ...ordinary });
  can(['create', 'revoke'], 'Credential', { person: { is: { organizationId, ...ordinary } } });
};
