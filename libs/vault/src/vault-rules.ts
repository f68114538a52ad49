import { inScope, type AccessRules } from '@castellan/access';

/** Administrators rotate and retire the keys of their projects; auditors see how it went. */
export const vaultRules: AccessRules = (actor, can) => {
  const admins = inScope(actor, 'admin');
  if (admins !== undefined) can(['start', 'cancel', 'retire'], 'KeyRotation', admins);
  const readers = inScope(actor, 'admin', 'auditor');
  if (readers !== undefined) can('read', 'KeyRotation', readers);
};
