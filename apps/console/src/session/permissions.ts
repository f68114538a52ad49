import type { Me, Role } from '@castellan/contracts';

/**
 * Which roles the api lets do what, so that pages show only what will work. It protects nothing: the api judges every call
 * again, and a refusal is shown in its words.
 */
const rolesFor = {
  'read:Model': ['author', 'reviewer', 'auditor', 'admin'],
  'create:Model': ['author', 'admin'],
  'limit:Model': ['admin'],
  'publish:Version': ['author', 'admin'],
  'export:Version': ['auditor', 'reviewer', 'admin'],
  'submit:TrustDocument': ['reviewer', 'admin'],
  'read:Deployment': ['author', 'reviewer', 'auditor', 'admin', 'consumer'],
  'create:Deployment': ['admin'],
  'stop:Deployment': ['admin'],
  'predict:Deployment': ['consumer', 'admin'],
  'read:Dataset': ['steward', 'analyst', 'reviewer', 'auditor', 'admin'],
  'create:Dataset': ['steward'],
  'seal:Dataset': ['steward'],
  'classify:Dataset': ['steward'],
  'reconcile:Dataset': ['steward'],
  'read:DatasetTask': ['steward', 'analyst', 'reviewer', 'auditor', 'admin'],
  'request:DatasetTask': ['steward'],
  'open:DatasetTask': ['steward', 'analyst'],
  'start:DatasetTask': ['steward', 'reviewer'],
  'ask:Dataset': ['analyst'],
  'read:KeyRotation': ['auditor', 'admin'],
  'start:KeyRotation': ['admin'],
  'export:KeyRotation': ['admin'],
  'read:RootRecipient': ['reviewer', 'auditor', 'admin'],
  'import:RootRecipient': ['admin'],
  'read:Destruction': ['reviewer', 'auditor', 'admin'],
  'read:AuditLog': ['auditor', 'admin'],
  'create:AuditExport': ['auditor', 'admin'],
  'read:ForwardingTarget': ['auditor', 'admin'],
  'create:ForwardingTarget': ['admin'],
  'change:RetentionPolicy': ['admin', 'platform_admin'],
  'create:LegalHold': ['auditor', 'admin'],
  'read:Trace': ['auditor', 'admin'],
  'read:Alarm': ['auditor', 'admin'],
  'acknowledge:Alarm': ['auditor', 'admin'],
  'change:WatchSetting': ['admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof rolesFor;

/** Whether one of the person's roles allows it: anywhere, or in this project. */
export function may(me: Me, permission: Permission, project?: string): boolean {
  const roles: readonly Role[] = rolesFor[permission];
  return me.roles.some(
    (held) =>
      roles.includes(held.role) &&
      (project === undefined || held.project === undefined || held.project === project),
  );
}

export function rolesThatMay(permission: Permission): readonly Role[] {
  return rolesFor[permission];
}
