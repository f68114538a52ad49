import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { AccessClock } from '../access-clock.js';
import { accessEvents } from '../access-events.js';
import { AccessError } from '../access-error.js';
import { isPermitted } from '../ability/ability.js';
import type { Actor } from '../actor.js';
import { CredentialStore } from './credential-store.js';

/** Ends a key, a link or a session, at once. Ending one that has ended already is no error and no event. */
@Injectable()
export class RevokeCredential {
  constructor(
    private readonly database: Database,
    private readonly credentials: CredentialStore,
    private readonly audit: AuditLog,
    private readonly clock: AccessClock,
  ) {}

  /** @throws `credential_unknown`, also for one that the actor may not revoke */
  execute(actor: Actor, id: string): Promise<void> {
    return this.database.transaction(async (tx) => {
      const credential = await this.credentials.byId(tx, id);
      if (credential === null || !isPermitted(actor, 'revoke', 'Credential', credential)) {
        throw new AccessError({
          code: 'credential_unknown',
          kind: 'not_found',
          publicDetail: 'There is no such credential.',
        });
      }
      if (!(await this.credentials.revoke(tx, id, this.clock.now()))) return;
      await this.audit.append(tx, accessEvents.credentialRevoked(actor, credential.person, credential));
    });
  }
}
