import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { AccessClock } from '../access-clock.js';
import { accessEvents, type RequestOrigin } from '../access-events.js';
import { credentialsInvalid } from '../authentication/authenticate.js';
import { RefusalBudget } from '../authentication/refusal-budget.js';
import { sessionAbsoluteMs } from '../authentication/session-lifetime.js';
import { CredentialStore } from '../credentials/credential-store.js';
import { newSecret, secretHash } from '../credentials/secret.js';
import { PersonStore, type PersonRow } from '../people/person-store.js';

export interface OpenedSession {
  readonly secret: string;
  readonly expiresAt: Date;
  readonly person: PersonRow;
}

/**
 * Signs in with a one-time link. The session's secret is always new, whatever the browser sent, and the session that the
 * browser had before is ended.
 */
@Injectable()
export class OpenSession {
  constructor(
    private readonly database: Database,
    private readonly credentials: CredentialStore,
    private readonly people: PersonStore,
    private readonly audit: AuditLog,
    private readonly clock: AccessClock,
    private readonly budget: RefusalBudget,
  ) {}

  /** @throws `credentials_invalid`, also for a link that was used before */
  async execute(token: string, former: string | undefined, origin: RequestOrigin): Promise<OpenedSession> {
    const now = this.clock.now();
    const secret = newSecret('session');
    const expiresAt = new Date(now.getTime() + sessionAbsoluteMs);
    const formerSession =
      former === undefined ? undefined : await this.credentials.live(former, 'session', now);
    const person = await this.database.transaction(async (tx) => {
      const link = await this.credentials.consumeSignInLink(tx, token, now);
      if (link === undefined) return undefined;
      const { personId } = link;
      if (formerSession !== undefined) await this.credentials.revoke(tx, formerSession.id, now);
      const session = await this.credentials.create(tx, {
        personId,
        kind: 'session',
        label: 'session',
        secretHash: secretHash(secret),
        expiresAt,
      });
      const owner = await this.people.byIdIn(tx, personId);
      await this.audit.append(tx, accessEvents.sessionOpened(owner, session, link, origin));
      return owner;
    });
    if (person !== undefined) return { secret, expiresAt, person };
    const { record, dropped } = this.budget.spend(origin.source ?? '', now);
    if (record) await this.audit.appendDurably(accessEvents.sessionRefused({ dropped }, origin));
    throw credentialsInvalid();
  }
}
