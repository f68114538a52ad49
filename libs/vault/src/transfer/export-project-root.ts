import { createHash, X509Certificate } from 'node:crypto';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { ExportedKeys, ExportKeys, KeyExport } from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { RotationStore } from '../keys/rotation-store.js';
import { vaultEvents } from '../vault-events.js';

/** A project's keys for another platform. Whether they may leave the keybroker judges, from two people's signatures. */
@Injectable()
export class ExportProjectRoot {
  constructor(
    private readonly projects: RotationStore,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
  ) {}

  /** What is ordered in the actor's organisation. @throws `not_permitted` */
  async list(actor: Actor): Promise<KeyExport[]> {
    requireAbility(actor, 'read', 'RootRecipient', { organizationId: actor.organizationId });
    const { exports } = await this.keybroker.orderedExports();
    return exports.filter(({ organization }) => organization === actor.organizationName);
  }

  /** @throws `project_unknown`, `not_permitted`; of the keybroker `root_export_not_ordered`, `recipient_not_valid_now` */
  async execute(actor: Actor, { project: name, recipient }: ExportKeys): Promise<ExportedKeys> {
    const project = await this.projects.project(actor.organizationId, name);
    const { id: projectId, organizationId } = project;
    requireAbility(actor, 'export', 'KeyRotation', { organizationId, projectId });
    await this.audit.appendDurably(vaultEvents.exportRequested(actor, project, recipient));
    const envelope = await this.keybroker.exportRoot(projectId, recipient);
    const authority = new X509Certificate(envelope.certificates[1]);
    const sender = createHash('sha256').update(authority.raw).digest('hex');
    return { package: envelope, sender };
  }
}
