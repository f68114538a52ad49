import { inScope, type AccessRules } from '@castellan/access';

/**
 * Who may do what with models, versions and signed documents. Approving is no permission here: whoever may submit a
 * document may submit any, and it is the signatures on it that count.
 */
export const registryRules: AccessRules = (actor, can) => {
  const everyone = inScope(actor, 'author', 'reviewer', 'auditor', 'admin');
  if (everyone !== undefined) {
    can('read', 'Model', everyone);
    can('read', 'Version', { model: { is: everyone } });
    can('read', 'TrustDocument', { organizationId: actor.organizationId });
  }
  const authors = inScope(actor, 'author', 'admin');
  if (authors !== undefined) {
    can('create', 'Model', authors);
    can('publish', 'Version', { model: { is: authors } });
  }
  const admins = inScope(actor, 'admin');
  if (admins !== undefined) {
    can(['limit', 'receive'], 'Model', admins);
    can('send', 'Version', { model: { is: admins } });
  }
  const signers = inScope(actor, 'reviewer', 'admin');
  if (signers !== undefined) can('submit', 'TrustDocument', { organizationId: actor.organizationId });
  const witnesses = inScope(actor, 'auditor', 'reviewer', 'admin');
  if (witnesses !== undefined) can('export', 'Version', { model: { is: witnesses } });
};
