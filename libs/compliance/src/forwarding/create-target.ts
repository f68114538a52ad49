import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog, AuditReader } from '@castellan/audit';
import type { CreateForwardingTarget } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { complianceEvents } from '../compliance-events.js';
import { ComplianceError } from '../compliance-error.js';
import { parseCheckpoint } from '../exports/parse-checkpoint.js';
import { parseTargetAddress } from './target-address.js';
import { type TargetRow, TargetStore } from './target-store.js';

/**
 * Enters a target. A webhook's secret is derived by the keybroker from its own: it is shown here, once, and no table
 * holds it.
 */
@Injectable()
export class CreateTarget {
  constructor(
    private readonly database: Database,
    private readonly targets: TargetStore,
    private readonly audit: AuditLog,
    private readonly log: AuditReader,
    private readonly keybroker: KeybrokerClient,
  ) {}

  /** @throws `target_address_invalid`, `target_exists` */
  async execute(
    actor: Actor,
    request: CreateForwardingTarget,
  ): Promise<{ target: TargetRow; secret?: string }> {
    const { organizationId } = actor;
    requireAbility(actor, 'create', 'ForwardingTarget', { organizationId });
    const { name, kind, format, caPem } = request;
    const address = parseTargetAddress(kind, request.address).href;
    if ((await this.targets.visible({ organizationId, name })).length > 0)
      throw new ComplianceError('target_exists', {
        kind: 'conflict',
        publicDetail: `There is a target named "${name}" already; choose another name.`,
      });
    const { checkpoint } = await this.log.signedLeaves(0n, 0);
    const cursor = request.from === 'end' ? BigInt(parseCheckpoint(checkpoint).size) : 0n;
    const id = randomUUID();
    const secret = kind === 'webhook' ? { secret: await this.keybroker.forwardingKey(id) } : {};
    const target = await this.database.transaction(async (tx) => {
      const data = {
        id,
        organizationId,
        name,
        kind,
        address,
        format,
        cursor,
        ...(caPem === undefined ? {} : { caPem }),
      };
      const created = await this.targets.create(tx, data);
      await this.audit.append(tx, complianceEvents.targetCreated(actor, created));
      return created;
    });
    return { target, ...secret };
  }
}
