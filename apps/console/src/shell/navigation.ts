import type { Permission } from '../session/permissions.js';
import type { IconName } from '../ui/icon.js';

/** The rooms of the console in the order of one version's life; each shows only to those who may enter. */
export const rooms = [
  { to: '/models', key: 'models', icon: 'box', permission: 'read:Model' },
  { to: '/deployments', key: 'deployments', icon: 'serve', permission: 'read:Deployment' },
  { to: '/privacy', key: 'privacy', icon: 'privacy', permission: 'read:Dataset' },
  { to: '/keys', key: 'keys', icon: 'seal', permission: 'read:KeyRotation' },
  { to: '/key-transfer', key: 'transfer', icon: 'upload', permission: 'read:RootRecipient' },
  { to: '/destruction', key: 'destruction', icon: 'trash', permission: 'read:Destruction' },
  { to: '/audit', key: 'audit', icon: 'audit', permission: 'read:AuditLog' },
  { to: '/signing-key', key: 'signingKey', icon: 'key', permission: 'submit:TrustDocument' },
] as const satisfies readonly { to: string; key: string; icon: IconName; permission: Permission }[];
