import { type Person, Role, type RoleBinding } from '@castellan/contracts';
import type { PersonRow } from './person-store.js';

/** A person as the contract shows one. */
export function showPerson({ id, name, displayName, bindings, createdAt, disabledAt }: PersonRow): Person {
  return {
    id,
    name,
    displayName,
    roles: showRoles(bindings),
    createdAt: createdAt.toISOString(),
    ...(disabledAt === null ? {} : { disabledAt: disabledAt.toISOString() }),
  };
}

export function showRoles(bindings: PersonRow['bindings']): RoleBinding[] {
  return bindings.map(({ role, project }) => ({
    role: Role.parse(role),
    ...(project === null ? {} : { project: project.name }),
  }));
}
