import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { vaultEvents } from '../vault-events.js';
import { RotationStore } from './rotation-store.js';

/** Has an older version of a project's key destroyed. The keybroker judges whether anything still needs it. */
@Injectable()
export class RetireProjectKey {
  constructor(
    private readonly rotations: RotationStore,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
  ) {}

  /** @throws `project_unknown`, `not_permitted`; of the keybroker `kek_in_use`, `key_unknown` */
  async execute(actor: Actor, projectName: string, version: number): Promise<void> {
    const project = await this.rotations.project(actor.organizationId, projectName);
    const { id: projectId, organizationId } = project;
    requireAbility(actor, 'retire', 'KeyRotation', { organizationId, projectId });
    await this.audit.appendDurably(vaultEvents.retirementRequested(actor, project, version));
    await this.keybroker.retireKek(projectId, version);
  }
}
