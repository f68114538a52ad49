import { inScope, type AccessRules } from '@castellan/access';

/**
 * Administrators rotate and retire the keys of their projects, and hand out and take in what is sealed for other
 * platforms; auditors see how it went, and with reviewers what is destroyed and what leaves. Ordering either is no
 * permission here: it is a signed document.
 */
export const vaultRules: AccessRules = (actor, can) => {
  const admins = inScope(actor, 'admin');
  if (admins !== undefined) can(['start', 'cancel', 'retire', 'export'], 'KeyRotation', admins);
  const readers = inScope(actor, 'admin', 'auditor');
  if (readers !== undefined) can('read', 'KeyRotation', readers);
  if (admins !== undefined && admins.projectId === undefined)
    can(['create', 'import'], 'RootRecipient', { organizationId: actor.organizationId });
  const witnesses = inScope(actor, 'admin', 'auditor', 'reviewer');
  if (witnesses === undefined) return;
  const { organizationId } = actor;
  can('read', 'Destruction', { organizationId });
  can('read', 'RootRecipient', { organizationId });
};
