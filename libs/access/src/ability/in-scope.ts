import type { Role } from '@castellan/contracts';
import type { Identity } from '../actor.js';

/** Matches rows of the actor's organisation, or of some of its projects. */
export interface Scope {
  organizationId: string;
  projectId?: { in: string[] };
}

/**
 * Where the actor holds one of these roles: the whole organisation, some projects of it, or (undefined) nowhere.
 * For rows with `organizationId` and `projectId`.
 */
export function inScope({ organizationId, roles }: Identity, ...wanted: readonly Role[]): Scope | undefined {
  const held = roles.filter(({ role }) => wanted.includes(role));
  if (held.length === 0) return undefined;
  const projects = held.map(({ projectId }) => projectId);
  if (projects.includes(null)) return { organizationId };
  return { organizationId, projectId: { in: projects.filter((id) => id !== null) } };
}
