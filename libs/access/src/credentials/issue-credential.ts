import { AuditLog } from '@castellan/audit';
import type { CreateCredential, CredentialCreated } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { AccessClock } from '../access-clock.js';
import { accessEvents } from '../access-events.js';
import { requireAbility } from '../ability/ability.js';
import type { Actor } from '../actor.js';
import { PersonStore, personUnknown } from '../people/person-store.js';
import { CredentialStore } from './credential-store.js';
import { newSecret, secretHash } from './secret.js';

const signInLinkMs = 24 * 60 * 60 * 1000;

/** Makes an API key or a sign-in link. The secret is in the answer and nowhere else. */
@Injectable()
export class IssueCredential {
  constructor(
    private readonly database: Database,
    private readonly people: PersonStore,
    private readonly credentials: CredentialStore,
    private readonly audit: AuditLog,
    private readonly clock: AccessClock,
  ) {}

  /** @throws `person_unknown`, also for a person of another organisation; `not_permitted` */
  execute(actor: Actor, personId: string, request: CreateCredential): Promise<CredentialCreated> {
    const { kind, label, deployments } = request;
    const secret = newSecret(kind);
    return this.database.transaction(async (tx) => {
      const person = await this.people.inOrganization(tx, actor.organizationId, personId);
      if (person === null || person.disabledAt !== null) throw personUnknown(personId);
      requireAbility(actor, 'create', 'Credential', { personId, person });
      const expiresAt = this.#expiry(request, await this.#expiryOfAskingKey(tx, actor));
      const credential = await this.credentials.create(tx, {
        personId,
        kind,
        label,
        deployments,
        secretHash: secretHash(secret),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
      await this.audit.append(tx, accessEvents.credentialIssued(actor, person, credential));
      const { id } = credential;
      return { id, kind, label, secret, ...(expiresAt && { expiresAt: expiresAt.toISOString() }) };
    });
  }

  /** What a key makes doesn't outlive it, or a stolen one would never end. A person in a session is free of that. */
  async #expiryOfAskingKey(
    tx: Parameters<CredentialStore['byId']>[0],
    actor: Actor,
  ): Promise<Date | undefined> {
    const asking = await this.credentials.byId(tx, actor.credentialId);
    return asking?.kind === 'api_key' ? (asking.expiresAt ?? undefined) : undefined;
  }

  #expiry({ kind, expiresInSeconds }: CreateCredential, latest: Date | undefined): Date | undefined {
    const lifetimeMs =
      expiresInSeconds === undefined
        ? kind === 'sign_in_link'
          ? signInLinkMs
          : undefined
        : expiresInSeconds * 1000;
    const wanted = lifetimeMs === undefined ? undefined : new Date(this.clock.now().getTime() + lifetimeMs);
    if (latest === undefined) return wanted;
    return wanted === undefined || wanted > latest ? latest : wanted;
  }
}
