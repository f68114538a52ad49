import { type Actor, requireAbility } from '@castellan/access';
import type { Destruction, DestructionCertificate } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { VaultError } from '../vault-error.js';

/** What is ordered to be destroyed, as the keybroker judges it, and what was destroyed, with its certificate. */
@Injectable()
export class Destructions {
  constructor(
    private readonly database: Database,
    private readonly keybroker: KeybrokerClient,
  ) {}

  /** @throws `not_permitted` */
  async list(actor: Actor): Promise<Destruction[]> {
    const { organizationId, organizationName } = actor;
    requireAbility(actor, 'read', 'Destruction', { organizationId });
    const { destructions: ordered } = await this.keybroker.orderedDestructions();
    const done = await this.database.client.destruction.findMany({
      where: { organizationId },
      orderBy: { createdAt: 'desc' },
    });
    return [
      ...ordered.filter(({ organization }) => organization === organizationName),
      ...done.map(({ target, targetId, name, createdAt }) => ({
        target: target as Destruction['target'],
        targetId,
        name,
        state: 'destroyed' as const,
        orders: [],
        destroyedAt: createdAt.toISOString(),
      })),
    ];
  }

  /** @throws `not_permitted`, `destruction_unknown` */
  async certificate(actor: Actor, targetId: string): Promise<DestructionCertificate> {
    const { organizationId } = actor;
    requireAbility(actor, 'read', 'Destruction', { organizationId });
    const where = { targetId, organizationId };
    const row = await this.database.client.destruction.findFirst({ where });
    if (row !== null) return { certificate: row.certificate, signature: row.signature };
    throw new VaultError('destruction_unknown', {
      kind: 'not_found',
      publicDetail: 'Nothing of this id was destroyed.',
    });
  }
}
