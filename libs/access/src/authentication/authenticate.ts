import { Inject, Injectable } from '@nestjs/common';
import { AccessError } from '../access-error.js';
import { actorOf, type AccessRules } from '../ability/ability.js';
import type { Actor } from '../actor.js';
import { AccessClock } from '../access-clock.js';
import { CredentialStore, type LiveCredential } from '../credentials/credential-store.js';
import { PersonStore } from '../people/person-store.js';
import { isWellFormed } from '../credentials/secret.js';
import { presentedCredential, type CredentialHeaders } from './presented-credential.js';
import { sessionIdleMs } from './session-lifetime.js';

/** Nest token of the rules of all contexts in the application. */
export const collectedRules = Symbol('collected access rules');

/** Who is behind a request. Looked up anew each time: a revoked key stops at once. */
@Injectable()
export class Authenticate {
  constructor(
    private readonly credentials: CredentialStore,
    private readonly clock: AccessClock,
    @Inject(collectedRules) private readonly rules: readonly AccessRules[],
    private readonly people: PersonStore,
  ) {}

  /** @throws `credentials_missing`, `credentials_invalid`, `cross_site_request` */
  async execute(request: CredentialHeaders): Promise<Actor> {
    const presented = presentedCredential(request);
    if (presented === undefined) {
      throw new AccessError({
        code: 'credentials_missing',
        kind: 'unauthenticated',
        publicDetail: 'Send an API key as "Authorization: Bearer …", or sign in.',
      });
    }
    const { secret, kind } = presented;
    const now = this.clock.now();
    const live = isWellFormed(secret, kind) ? await this.credentials.live(secret, kind, now) : undefined;
    if (live === undefined || isIdle(live, now)) throw credentialsInvalid();
    await this.credentials.noteUse(live, now);
    return actorOf(await this.people.withKey(live.identity), this.rules);
  }
}

function isIdle({ kind, lastUsedAt }: LiveCredential, now: Date): boolean {
  return kind === 'session' && lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() > sessionIdleMs;
}

export function credentialsInvalid(): AccessError {
  return new AccessError({
    code: 'credentials_invalid',
    kind: 'unauthenticated',
    publicDetail: 'This key, session or link is not valid (any more).',
  });
}
