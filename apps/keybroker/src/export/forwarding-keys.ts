import { hkdfSync, type KeyObject } from 'node:crypto';
import type { AuditLog } from '@castellan/audit';
import type { ForwardingKeyResponse } from '@castellan/contracts';
import type { Peer } from '@castellan/http';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';

const LABEL = 'castellan/forwarding-key/v1/';

/**
 * Keys that webhook deliveries are signed with: HKDF-SHA-256 (RFC 5869) of the broker's own state key and the target's id.
 * Nothing is stored, so there is nothing to steal but the broker's folder, and a target's key dies with its id.
 */
export class ForwardingKeys {
  constructor(
    private readonly stateKey: KeyObject,
    private readonly audit: AuditLog,
  ) {}

  async derive(targetId: string, peer: Peer): Promise<ForwardingKeyResponse> {
    await this.audit.appendDurably(
      keybrokerEvents.event('forwarding-key.derived', {
        actor: actorOf(peer),
        decision: 'allow',
        resource: { kind: 'audit-target', id: targetId },
      }),
    );
    const key = hkdfSync('sha256', this.stateKey, Buffer.alloc(0), LABEL + targetId, 32);
    return { key: Buffer.from(key).toString('base64url') };
  }
}
