import type { Actor } from '@castellan/access';
import type { RetentionScope } from '@castellan/contracts';

/** Whose events: an organization's id, or `platform` for those that belong to none. */
export type Scope = string;

export const PLATFORM: Scope = 'platform';

export function scopeOf({ organizationId }: Actor, { scope }: RetentionScope): Scope {
  return scope === 'platform' ? PLATFORM : organizationId;
}

/** In whose log an event about this scope shows. */
export function organizationOf(scope: Scope): { readonly organizationId?: string } {
  return scope === PLATFORM ? {} : { organizationId: scope };
}
