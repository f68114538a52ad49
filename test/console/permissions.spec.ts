import { describe, expect, it } from '@jest/globals';
import { roles, type Role } from '@castellan/contracts';
import type { AccessRules } from '@castellan/access';
import { complianceRules } from '@castellan/compliance';
import { privacyRules } from '@castellan/privacy';
import { registryRules } from '@castellan/registry';
import { servingRules } from '@castellan/serving';
import { vaultRules } from '@castellan/vault';
import { may, type Permission } from '../../apps/console/src/session/permissions.js';
import { auditRules } from '../../apps/api/src/audit/audit-rules.js';

const permissions = [
  'read:Model',
  'create:Model',
  'limit:Model',
  'publish:Version',
  'export:Version',
  'submit:TrustDocument',
  'read:Deployment',
  'create:Deployment',
  'stop:Deployment',
  'predict:Deployment',
  'read:Dataset',
  'classify:Dataset',
  'reconcile:Dataset',
  'read:DatasetTask',
  'request:DatasetTask',
  'open:DatasetTask',
  'start:DatasetTask',
  'ask:Dataset',
  'read:KeyRotation',
  'start:KeyRotation',
  'export:KeyRotation',
  'read:RootRecipient',
  'import:RootRecipient',
  'read:Destruction',
  'read:AuditLog',
  'create:AuditExport',
  'read:ForwardingTarget',
  'create:ForwardingTarget',
  'change:RetentionPolicy',
  'create:LegalHold',
  'read:Trace',
  'read:Alarm',
  'acknowledge:Alarm',
  'change:WatchSetting',
] as const satisfies readonly Permission[];

/** What the api's own rules give a role, as `action:Subject`. */
function granted(role: Role): ReadonlySet<string> {
  const given = new Set<string>();
  const actor = {
    personId: 'p',
    name: 'somebody',
    organizationId: 'o',
    organizationName: 'acme',
    roles: [{ role, projectId: null }],
    credentialId: 'c',
    deployments: [],
  };
  const all: readonly AccessRules[] = [
    registryRules,
    servingRules,
    privacyRules,
    vaultRules,
    auditRules,
    complianceRules,
  ];
  for (const rules of all)
    rules(actor, (action: string | readonly string[], subject: string) => {
      for (const each of [action].flat()) given.add(`${each}:${subject}`);
    });
  return given;
}

describe('what the console offers', () => {
  it.each(roles.map((role) => [role]))('to a %s is what the api lets that role do', (role) => {
    const me = {
      id: 'i',
      name: 'somebody',
      displayName: 'Somebody',
      organization: 'acme',
      roles: [{ role }],
    };
    const offered = permissions.filter((permission) => may(me, permission));
    expect(offered).toEqual(permissions.filter((permission) => granted(role).has(permission)));
  });

  it('in a project follows the bindings of that project', () => {
    const roles = [{ role: 'author' as const, project: 'vision' }];
    const me = { id: 'i', name: 'somebody', displayName: 'Somebody', organization: 'acme', roles };
    expect(may(me, 'publish:Version')).toBe(true);
    expect(may(me, 'publish:Version', 'vision')).toBe(true);
    expect(may(me, 'publish:Version', 'speech')).toBe(false);
  });
});
