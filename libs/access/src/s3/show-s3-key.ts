import { AuditLog } from '@castellan/audit';
import type { S3Key } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Injectable, Optional } from '@nestjs/common';
import { AccessError } from '../access-error.js';
import { accessEvents } from '../access-events.js';
import type { Actor } from '../actor.js';
import { CredentialStore } from '../credentials/credential-store.js';
import { S3Secrets } from './s3-secrets.js';

/** Tells whoever shows an API key the pair that S3 clients sign with in its name. It ends with the key. */
@Injectable()
export class ShowS3Key {
  constructor(
    private readonly database: Database,
    private readonly credentials: CredentialStore,
    private readonly audit: AuditLog,
    @Optional() private readonly secrets?: S3Secrets,
  ) {}

  /** @throws `s3_needs_api_key` for a session; `keybroker_unavailable` */
  async execute(actor: Actor): Promise<S3Key> {
    const { credentialId } = actor;
    const credential = await this.database.transaction((tx) => this.credentials.byId(tx, credentialId));
    if (credential?.kind !== 'api_key' || this.secrets === undefined) throw needsApiKey();
    const secretAccessKey = await this.secrets.of(credentialId);
    await this.audit.appendDurably(accessEvents.s3KeyShown(actor));
    return { accessKeyId: credentialId, secretAccessKey, region: 'us-east-1' };
  }
}

function needsApiKey(): AccessError {
  return new AccessError({
    code: 's3_needs_api_key',
    kind: 'invalid',
    publicDetail: 'S3 clients sign in the name of an API key: ask with the API key itself, not in a session.',
  });
}
