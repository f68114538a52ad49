import { Inject, Injectable, Optional } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { actorOf, type AccessRules } from '../ability/ability.js';
import { AccessClock } from '../access-clock.js';
import type { Actor } from '../actor.js';
import { collectedRules, credentialsInvalid } from '../authentication/authenticate.js';
import { CredentialStore } from '../credentials/credential-store.js';
import { PersonStore } from '../people/person-store.js';
import { presentedSignature, saysAws4 } from './presented-signature.js';
import { S3Secrets } from './s3-secrets.js';
import { type VerifiedSignature, verifySignature } from './sigv4.js';

/** The addresses where S3 is spoken. Elsewhere such a signature is nobody's. */
const S3_PATHS = '/s3/';

/** Lives as long as the request. */
const signatures = new WeakMap<FastifyRequest, VerifiedSignature>();

/** By which signature a request was let in; undefined where it came with a key. */
export function signatureOf(request: FastifyRequest): VerifiedSignature | undefined {
  return signatures.get(request);
}

export function isSignedForS3({ url, headers }: Pick<FastifyRequest, 'url' | 'headers'>): boolean {
  return url.startsWith(S3_PATHS) && saysAws4(headers.authorization);
}

/** Who signed a request with the S3 secret of an API key. The key is looked up anew each time: a revoked one stops at once. */
@Injectable()
export class AuthenticateSigned {
  constructor(
    private readonly credentials: CredentialStore,
    private readonly clock: AccessClock,
    @Inject(collectedRules) private readonly rules: readonly AccessRules[],
    private readonly people: PersonStore,
    @Optional() private readonly secrets?: S3Secrets,
  ) {}

  /** @throws signature_malformed, credentials_invalid, request_time_skewed, signature_mismatch, keybroker_unavailable */
  async execute(request: FastifyRequest): Promise<Actor> {
    const { method, url, rawHeaders } = request.raw;
    const sent = { method: method ?? '', url: url ?? '', rawHeaders };
    const presented = presentedSignature(sent);
    const now = this.clock.now();
    const live = await this.credentials.liveApiKey(presented.accessKeyId, now);
    if (live === undefined || this.secrets === undefined) throw credentialsInvalid();
    const verified = verifySignature(sent, presented, await this.secrets.of(live.id), now);
    await this.credentials.noteUse(live, now);
    signatures.set(request, verified);
    return actorOf(await this.people.withKey(live.identity), this.rules);
  }
}
