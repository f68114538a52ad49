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
    can(['create', 'seal', 'classify', 'work', 'reconcile'], 'Dataset', stewards);
    can(['request', 'open', 'start'], 'DatasetTask', { dataset: { is: stewards } });
  }
  const witnesses = inScope(actor, 'steward', 'reviewer', 'auditor', 'admin');
  if (witnesses !== undefined) can('read', 'DatasetTask', { dataset: { is: witnesses } });
  const reviewers = inScope(actor, 'reviewer');
  if (reviewers !== undefined) can('start', 'DatasetTask', { dataset: { is: reviewers } });
  const analysts = inScope(actor, 'analyst');
  if (analysts !== undefined) {
    can('ask', 'Dataset', analysts);
    // What was masked and signed for release is for them; classifications are not.
    can(['read', 'open'], 'DatasetTask', { kind: 'mask', dataset: { is: analysts } });
  }
};
