import { inScope, type AccessRules } from '@castellan/access';

/** Who may do what with deployments. What a deployment may load is no permission: that is for signatures to say. */
export const servingRules: AccessRules = (actor, can) => {
  const everyone = inScope(actor, 'author', 'reviewer', 'auditor', 'admin', 'consumer');
  if (everyone !== undefined) can('read', 'Deployment', everyone);
  const operators = inScope(actor, 'admin');
  if (operators !== undefined) can(['create', 'stop'], 'Deployment', operators);
  const callers = inScope(actor, 'consumer', 'admin');
  if (callers !== undefined) can('predict', 'Deployment', callers);
};
