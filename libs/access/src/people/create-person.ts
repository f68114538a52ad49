import { AuditLog } from '@castellan/audit';
import type { CreatePerson as CreatePersonRequest, RoleBinding } from '@castellan/contracts';
import { Database, isUniqueViolation, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { accessEvents } from '../access-events.js';
import { AccessError } from '../access-error.js';
import { requireAbility } from '../ability/ability.js';
import type { Actor, HeldRole } from '../actor.js';
import { ProjectStore } from '../organizations/project-store.js';
import { PersonStore, type PersonRow } from './person-store.js';

/** Enters a person into the actor's organisation. Nobody makes a platform administrator but another one. */
@Injectable()
export class CreatePerson {
  constructor(
    private readonly database: Database,
    private readonly people: PersonStore,
    private readonly projects: ProjectStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws `not_permitted`, `project_unknown`, `person_exists` */
  async execute(actor: Actor, { name, displayName, roles }: CreatePersonRequest): Promise<PersonRow> {
    const { organizationId } = actor;
    requireAbility(actor, 'create', 'Person', { organizationId, bindings: roles });
    try {
      return await this.database.transaction(async (tx) => {
        const held = await Promise.all(roles.map((binding) => this.#held(tx, organizationId, binding)));
        const person = await this.people.create(tx, { organizationId, name, displayName, roles: held });
        await this.audit.append(tx, accessEvents.personCreated(actor, person, held));
        return person;
      });
    } catch (error) {
      throw isUniqueViolation(error) ? personExists(name) : error;
    }
  }

  async #held(tx: Tx, organizationId: string, { role, project }: RoleBinding): Promise<HeldRole> {
    if (project === undefined) return { role, projectId: null };
    return { role, projectId: (await this.projects.byName(tx, organizationId, project)).id };
  }
}

function personExists(name: string): AccessError {
  return new AccessError({
    code: 'person_exists',
    kind: 'conflict',
    publicDetail: `Somebody called "${name}" is in this organisation already.`,
  });
}
