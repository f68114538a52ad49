import { inScope, type AccessRules } from '@castellan/access';

/**
 * Administrators rotate and retire the keys of their projects; auditors see how it went, and with reviewers what
 * is destroyed. Ordering that is no permission here: it is a signed document.
 */
export const vaultRules: AccessRules = (actor, can) => {
  const admins = inScope(actor, 'admin');
  if (admins !== undefined) can(['start', 'cancel', 'retire'], 'KeyRotation', admins);
  const readers = inScope(actor, 'admin', 'auditor');
  if (readers !== undefined) can('read', 'KeyRotation', readers);
  const witnesses = inScope(actor, 'admin', 'auditor', 'reviewer');
  if (witnesses !== undefined) can('read', 'Destruction', { organizationId: actor.organizationId });
};
