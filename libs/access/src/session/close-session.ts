import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { AccessClock } from '../access-clock.js';
import { accessEvents } from '../access-events.js';
import type { Actor } from '../actor.js';
import { CredentialStore } from '../credentials/credential-store.js';

/** Signs out: the session is over on the server, whatever the browser keeps. An API key is left alone. */
@Injectable()
export class CloseSession {
  constructor(
    private readonly database: Database,
    private readonly credentials: CredentialStore,
    private readonly audit: AuditLog,
    private readonly clock: AccessClock,
  ) {}

  execute(actor: Actor): Promise<void> {
    return this.database.transaction(async (tx) => {
      const credential = await this.credentials.byId(tx, actor.credentialId);
      if (credential?.kind !== 'session') return;
      await this.credentials.revoke(tx, credential.id, this.clock.now());
      await this.audit.append(tx, accessEvents.sessionClosed(actor));
    });
  }
}
