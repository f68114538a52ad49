import { createHash } from 'node:crypto';
import type { AuditLog, Clock } from '@castellan/audit';
import type { CmsResponse } from '@castellan/contracts';
import type { Peer } from '@castellan/http';
import { cmsSign, type CmsSigner } from '@castellan/pki';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';

/**
 * Signs what leaves as evidence. The signature says "this platform exported these bytes", not that they are true: what
 * an export claims is proved by the signatures and proofs inside it.
 */
export class SignExport {
  constructor(
    private readonly signer: CmsSigner,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  async sign(content: Uint8Array, peer: Peer): Promise<CmsResponse> {
    const digest = createHash('sha256').update(content).digest('hex');
    await this.audit.appendDurably(
      keybrokerEvents.event('export.signed', {
        actor: actorOf(peer),
        decision: 'allow',
        resource: { kind: 'export', id: digest, digest },
      }),
    );
    return { cms: cmsSign(content, this.signer, this.clock.now()) };
  }
}
