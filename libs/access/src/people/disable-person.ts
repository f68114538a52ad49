import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { AccessClock } from '../access-clock.js';
import { accessEvents } from '../access-events.js';
import { AccessError } from '../access-error.js';
import { requireAbility } from '../ability/ability.js';
import type { Actor } from '../actor.js';
import { CredentialStore } from '../credentials/credential-store.js';
import { PersonStore, personUnknown, type PersonRow } from './person-store.js';

/** Shuts a person out, with every session, key and link. Doesn't touch a signing key: that takes a signed revocation. */
@Injectable()
export class DisablePerson {
  constructor(
    private readonly database: Database,
    private readonly people: PersonStore,
    private readonly credentials: CredentialStore,
    private readonly audit: AuditLog,
    private readonly clock: AccessClock,
  ) {}

  /** @throws `person_unknown`, also for a person of another organisation; `not_permitted`, `self_disable` */
  execute(actor: Actor, personId: string): Promise<PersonRow> {
    if (personId === actor.personId) throw selfDisable();
    return this.database.transaction(async (tx) => {
      const person = await this.people.inOrganization(tx, actor.organizationId, personId);
      if (person === null) throw personUnknown(personId);
      requireAbility(actor, 'disable', 'Person', person);
      if (person.disabledAt !== null) return person;
      const now = this.clock.now();
      const disabled = await this.people.disable(tx, personId, now);
      await this.credentials.revokeAllOf(tx, personId, now);
      await this.audit.append(tx, accessEvents.personDisabled(actor, person));
      return disabled;
    });
  }
}

function selfDisable(): AccessError {
  return new AccessError({
    code: 'self_disable',
    kind: 'conflict',
    publicDetail: 'You can not disable yourself; ask another administrator.',
  });
}
