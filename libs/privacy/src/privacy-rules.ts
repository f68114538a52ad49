import { inScope, type AccessRules } from '@castellan/access';

/**
 * Who may do what with protected datasets. Stewards declare and seal, analysts ask, auditors look; nobody reads rows:
 * there is no such permission.
 */
export const privacyRules: AccessRules = (actor, can) => {
  const everyone = inScope(actor, 'steward', 'analyst', 'auditor', 'admin');
  if (everyone !== undefined) can('read', 'Dataset', everyone);
  const stewards = inScope(actor, 'steward');
  if (stewards !== undefined) can(['create', 'seal'], 'Dataset', stewards);
  const analysts = inScope(actor, 'analyst');
  if (analysts !== undefined) can('ask', 'Dataset', analysts);
};
