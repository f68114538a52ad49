import { inScope, type AccessRules } from '@castellan/access';

/**
 * Who may do what with protected datasets. Stewards declare and seal, analysts ask, auditors look; nobody reads rows:
 * there is no such permission.
 */
export const privacyRules: AccessRules = (actor, can) => {
  const everyone = inScope(actor, 'steward', 'analyst', 'reviewer', 'auditor', 'admin');
  if (everyone !== undefined) can('read', 'Dataset', everyone);
  const stewards = inScope(actor, 'steward');
  if (stewards !== undefined) {
    can(['create', 'seal', 'classify', 'work'], 'Dataset', stewards);
    can(['request', 'open'], 'DatasetTask', { dataset: { is: stewards } });
  }
  const witnesses = inScope(actor, 'steward', 'reviewer', 'auditor', 'admin');
  if (witnesses !== undefined) can('read', 'DatasetTask', { dataset: { is: witnesses } });
  const analysts = inScope(actor, 'analyst');
  if (analysts !== undefined) can('ask', 'Dataset', analysts);
};
