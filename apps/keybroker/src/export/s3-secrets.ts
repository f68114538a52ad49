import { hkdfSync, type KeyObject } from 'node:crypto';
import type { AuditLog } from '@castellan/audit';
import type { S3SecretResponse } from '@castellan/contracts';
import type { Peer } from '@castellan/http';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';

const LABEL = 'castellan/s3-secret/v1/';

/**
 * What S3 clients sign with in the name of an API key: HKDF-SHA-256 (RFC 5869) of the broker's own state key and the API
 * key's id. Whoever reads the database, where API keys stand as hashes, can sign nothing.
 */
export class S3Secrets {
  constructor(
    private readonly stateKey: KeyObject,
    private readonly audit: AuditLog,
  ) {}

  async derive(credentialId: string, peer: Peer): Promise<S3SecretResponse> {
    await this.audit.appendDurably(
      keybrokerEvents.event('s3-secret.derived', {
        actor: actorOf(peer),
        decision: 'allow',
        resource: { kind: 'credential', id: credentialId },
      }),
    );
    const secret = hkdfSync('sha256', this.stateKey, Buffer.alloc(0), LABEL + credentialId, 32);
    return { secret: Buffer.from(secret).toString('base64url') };
  }
}
